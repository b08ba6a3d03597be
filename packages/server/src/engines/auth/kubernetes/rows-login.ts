/** Logging in, and why that would fail: the same evidence and the same checks. */
import type { AuthRequest } from '@coffer/schema/auth-request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Kept } from '../../keyed/json-record.ts';
import { trimmed } from '../../login/trimmed.ts';
import { accountAnnotations, type Cluster } from './api-server.ts';
import { failureIn, judge } from './checks.ts';
import { type ClusterConfig, findConfig } from './config.ts';
import { type KubernetesCx, rows } from './cx.ts';
import { type Gathered, gather } from './evidence.ts';
import { type Identity, workloadOf } from './identity.ts';
import { findRole, type KubernetesRole, roleId } from './role.ts';

const annotationPrefix = 'vault.hashicorp.com/alias-metadata-';
const shownNameLimit = 64;

/** What is longer is more likely a token in the wrong place than a name: errors stand in audit as they are. */
const shownName = (name: string): string => (name.length > shownNameLimit ? '' : ` ${JSON.stringify(name)}`);

/** A role that is changed this often in the middle of one login is a fault. */
const attemptsLimit = 4;

interface Given {
  readonly role: string;
  readonly jwt: Secret;
}

/** What a login is judged by, as it was when it began. */
interface Trust {
  readonly config: Kept<ClusterConfig>;
  readonly role: Kept<KubernetesRole>;
}

const trustOf = async ({ storage }: KubernetesCx, config: Kept<ClusterConfig>, roleName: string): Promise<Trust> => {
  const role = await findRole(storage, roleName);
  if (role === undefined) throw new CofferError('invalid_request', `invalid role name${shownName(roleName)}`);
  return { config, role };
};

const evidenceFor = (cx: KubernetesCx, { config, role }: Trust, given: Given): Promise<Gathered> =>
  gather({ cx, config: config.record, role: role.record, roleName: roleId(given.role), jwt: trimmed(given.jwt) });

const refuse = (message: string): never => {
  throw new CofferError('invalid_request', message);
};

const login = async (cx: KubernetesCx, role: string | undefined, jwt: Secret | undefined): Promise<Reply> => {
  if (role === undefined || role === '') return refuse('missing role');
  if (jwt === undefined || jwt.length === 0) return refuse('missing jwt');
  for (let attempt = 0; attempt < attemptsLimit; attempt++) {
    const config = await findConfig(cx);
    if (config === undefined) throw new CofferError('internal', 'could not load backend configuration');
    const trust = await trustOf(cx, config, role);
    const asked = await admitted(cx, trust, { role, jwt });
    if (await isInForce(cx, trust, role)) return new Reply(undefined, { login: asked });
  }
  throw new CofferError('conflict', 'role or configuration were changed by too many requests at once; try again');
};

/** The cluster may take its time to answer: what was changed or taken away meanwhile admits nobody any more. */
const isInForce = async (cx: KubernetesCx, { config, role }: Trust, roleName: string): Promise<boolean> => {
  const [configNow, roleNow] = [await findConfig(cx), await findRole(cx.storage, roleName)];
  return configNow?.revision === config.revision && roleNow?.revision === role.revision;
};

/** Throws where a check fails. */
const admitted = async (cx: KubernetesCx, trust: Trust, given: Given): Promise<AuthRequest> => {
  const { evidence, cluster } = await evidenceFor(cx, trust, given);
  const { identity } = evidence;
  const failed = failureIn(judge(evidence));
  if (failed !== undefined)
    throw new CofferError('permission_denied', failed.refusal, { because: `${failed.bound}: ${failed.because}` });
  if (identity === undefined) throw new TypeError('a login without identity has passed its checks');
  const annotations = await annotationsOf(cluster, identity);
  return authRequest(evidence, identity, annotations);
};

const annotationsOf = async (cluster: Cluster, identity: Identity): Promise<readonly [string, string][]> => {
  if (!cluster.config.useAnnotations) return [];
  const all = await accountAnnotations(cluster, identity);
  return [...all].flatMap(([name, value]): [string, string][] =>
    name.startsWith(annotationPrefix) ? [[name.slice(annotationPrefix.length), value]] : [],
  );
};

interface Through {
  readonly role: KubernetesRole;
  readonly roleName: string;
}

const authRequest = (
  { role, roleName }: Through,
  identity: Identity,
  annotations: readonly [string, string][],
): AuthRequest => {
  const { namespace, name, uid, secretName } = identity;
  const own: readonly [string, string][] = [
    ['role', roleName],
    ['service_account_name', name],
    ['service_account_namespace', namespace],
    ['service_account_secret_name', secretName],
    ['service_account_uid', uid],
  ];
  // What the cluster has proved is never what somebody wrote into an annotation.
  const metadata = new Map([...annotations, ...own]);
  return {
    alias: { name: role.aliasNameSource === 'serviceaccount_uid' ? uid : `${namespace}/${name}`, metadata },
    displayName: `${namespace}-${name}`,
    metadata,
    rules: role.rules,
    workload: workloadOf(identity),
    renewal: new Map([['role', roleName]]),
  };
};

const explain = async (cx: KubernetesCx, given: Given) => {
  const config = await findConfig(cx);
  if (config === undefined) return refuse('the mount trusts no cluster yet: write its config');
  const { evidence } = await evidenceFor(cx, await trustOf(cx, config, given.role), given);
  const findings = judge(evidence);
  const failed = failureIn(findings);
  const { identity } = evidence;
  return {
    allowed: failed === undefined,
    bound: failed?.bound ?? '',
    because: failed?.because ?? 'all bounds hold',
    refusal: failed?.refusal ?? '',
    checks: findings.map(({ bound, passed, because }) => ({ bound, passed, because })),
    service_account_name: identity?.name ?? '',
    service_account_namespace: identity?.namespace ?? '',
    service_account_uid: identity?.uid ?? '',
    pod: identity?.pod ?? '',
    node: identity?.node ?? '',
  };
};

const jwtField = 'Token of a ServiceAccount of the cluster';

export const loginRows = [
  rows.write(
    'login',
    {
      summary: 'Log in with the token of a ServiceAccount',
      description:
        'The refusal tells a stranger as little as it can; which bound failed, and on what, stands in the audit record (`error_because`) and in the answer of `role/:name/explain`.',
      access: 'open',
      wrappable: true,
      in: { role: t.string('Role to log in through'), jwt: t.secret(jwtField) },
    },
    (cx, { role, jwt }) => login(cx, role, jwt),
  ),
  rows.write(
    'role/:name/explain',
    {
      summary: 'Say whether a token could log in through the role, and which bound stands against it',
      description:
        'Makes the same checks as a login, in their order up to the first that fails, and makes no token. Annotations are not read.',
      pure: true,
      in: { name: t.name('Name of the role', { folds: true }), jwt: t.secret(jwtField, { required: true }) },
      out: {
        allowed: t.boolean('Whether a login would succeed, as far as the cluster is concerned'),
        bound: t.string('What stands against it; empty where nothing does'),
        because: t.string('What is bound, and what was seen'),
        refusal: t.string('What a login is told'),
        checks: t.list('Each check with `bound`, `passed` and `because`'),
        service_account_name: t.string('Whose token it is; empty where that is not proved'),
        service_account_namespace: t.string('Its namespace'),
        service_account_uid: t.string('Its uid'),
        pod: t.string('Pod that the token is bound to'),
        node: t.string('Node of that pod'),
      },
    },
    (cx, { name, jwt }) => explain(cx, { role: name, jwt }),
  ),
];
