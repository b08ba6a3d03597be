/** One store: its manifest, what that names of the cluster, how the store itself is, and whether the login works. */
import type { Runtime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Coffer } from '@coffer/client/client.ts';
import type { Clock } from '../../../contracts/clock.ts';
import type { Kube, Resource } from '../../../contracts/kube.ts';
import { isForbidden, KubeError } from '../../../platform/kube/error.ts';
import { Inspector } from '../../../providers/vault/inspect.ts';
import type { VaultSettings, VaultTls } from '../../../providers/vault/settings.ts';
import { resources } from '../../api/resources.ts';
import type { VaultProvider } from '../../api/vault.ts';
import { configured } from '../../operator/store/check-store.ts';
import { type SeenStore, seenStore } from '../../operator/store/seen-store.ts';
import type { StoreName } from '../../operator/store/store-key.ts';
import { isUsableFrom, refusal } from '../../operator/store/usable-from.ts';
import { resolveVault } from '../../operator/store/vault-settings.ts';
import type { LoginSeen, StatusSeen, StoreEvidence } from '../evidence.ts';
import { type Bound, boundOf } from '../person.ts';
import { grantCommand, type Right, rightTo, seen, type Seen, unseen, valueOf } from '../seen.ts';
import { credentialsOf } from './credentials.ts';

export interface StoreLook {
  readonly kube: Pick<Kube, 'get' | 'list' | 'ask'>;
  readonly clock: Clock;
  readonly user: string | undefined;
  /** How a store is spoken to. */
  readonly runtimeOf: (tls: VaultTls) => Runtime;
  /** A client with a token of whoever asks, where it is one for this address. */
  readonly personAt: (settings: VaultSettings) => Coffer | undefined;
  /** Of the ExternalSecret. */
  readonly namespace: string;
}

/** A store that can be asked with the credentials that its manifest names. */
export interface OpenStore {
  readonly settings: VaultSettings;
  readonly runtime: Runtime;
  readonly inspector: Inspector;
  readonly person: Coffer | undefined;
}

export interface StoreSeen {
  readonly evidence: StoreEvidence;
  /** Where the login works. */
  readonly open: OpenStore | undefined;
}

const answerLimitSeconds = 10;

const resourceOf: { readonly [K in StoreName['kind']]: Resource } = {
  SecretStore: resources.secretStore,
  ClusterSecretStore: resources.clusterSecretStore,
};

const nothingMore = {
  names: [],
  refusal: undefined,
  address: '',
  credentials: [],
  status: undefined,
  login: undefined,
};

const namesOf = async (look: StoreLook, name: StoreName): Promise<readonly string[]> => {
  const resource = resourceOf[name.kind];
  const namespace = name.namespace || undefined;
  const all = await seen(rightTo('list', resource, namespace), () =>
    look.kube.list(resource, { namespace, metadataOnly: true }),
  );
  return (valueOf(all)?.items ?? []).map(({ metadata }) => metadata.name);
};

/** Undefined where it may be used, or that cannot be found out. */
const refusalOf = async (look: StoreLook, { name, read }: SeenStore): Promise<string | undefined> => {
  if (name.kind === 'SecretStore' || !('spec' in read)) return undefined;
  const { conditions } = read.spec;
  if ((conditions ?? []).length === 0) return undefined;
  const found = await seen(rightTo('get', resources.namespace, undefined), () =>
    look.kube.get(resources.namespace, { name: look.namespace }),
  );
  const labels = valueOf(found)?.metadata.labels;
  const needsLabels = (conditions ?? []).some(({ namespaceSelector }) => namespaceSelector !== undefined);
  try {
    const namespace = { name: look.namespace, labels: new Map(Object.entries(labels ?? {})) };
    if (isUsableFrom(conditions, namespace)) return undefined;
  } catch (cause) {
    if (cause instanceof CofferError) return cause.publicMessage;
    throw cause;
  }
  return labels === undefined && needsLabels ? undefined : refusal(name.name, look.namespace);
};

/** The operator alone has the token that is meant. */
const isOperatorsOwn = ({ auth }: VaultProvider): boolean =>
  auth?.kubernetes !== undefined &&
  auth.kubernetes.serviceAccountRef === undefined &&
  auth.kubernetes.secretRef === undefined;

const statusOf = async (inspector: Inspector): Promise<StatusSeen> => {
  try {
    return { kind: 'answered', status: await inspector.status() };
  } catch (cause) {
    if (cause instanceof CofferError) return { kind: 'silent', reason: cause.publicMessage };
    throw cause;
  }
};

const loginWords = ({ auth }: VaultSettings): string =>
  auth.method === 'token' ? 'with a token' : `at auth/${auth.mountPath ?? 'kubernetes'} with role "${auth.role}"`;

const boundFor = async ({ settings, person }: OpenStore): Promise<Bound | undefined> => {
  const { auth } = settings;
  if (person === undefined || auth.method !== 'kubernetes') return undefined;
  return boundOf(person, { mountPath: auth.mountPath ?? 'kubernetes', role: auth.role, jwt: await auth.jwt() });
};

const untriedFor = (look: StoreLook, cause: KubeError, right: Right): LoginSeen => {
  if (!isForbidden(cause)) return { kind: 'untried', reason: cause.publicMessage, todo: undefined };
  const reason = unseen({ kind: 'forbidden', right }) ?? '';
  return { kind: 'untried', reason, todo: grantCommand(right, look.user) };
};

const loginOf = async (look: StoreLook, open: OpenStore, right: Right): Promise<LoginSeen> => {
  try {
    await open.inspector.check();
    return { kind: 'works', words: loginWords(open.settings) };
  } catch (cause) {
    // It was the cluster that gave no token to log in with.
    if (cause instanceof KubeError) return untriedFor(look, cause, right);
    if (!(cause instanceof CofferError)) throw cause;
    const bound = await boundFor(open);
    const words = loginWords(open.settings);
    return { kind: 'refused', words, reason: cause.publicMessage, bound, isPersonKnown: open.person !== undefined };
  }
};

/** To ask for a token of the ServiceAccount that is named. */
const tokenRight = ({ namespace }: StoreLook, { kind }: StoreName, { auth }: VaultProvider): Right => {
  const named = kind === 'ClusterSecretStore' ? auth?.kubernetes?.serviceAccountRef?.namespace : undefined;
  return { verb: 'create', resource: 'serviceaccounts/token', namespace: named ?? namespace };
};

/** With what can be read of its settings: an address alone is enough to ask how it is. */
const addressOnly = ({ server, namespace, headers }: VaultProvider): VaultSettings => ({
  server,
  namespace,
  headers,
  version: 'v2',
  auth: { method: 'kubernetes', role: '', jwt: () => Promise.reject(new CofferError('usage', 'nobody logs in')) },
});

interface Opening {
  readonly open: OpenStore;
  /** Why nobody can log in with it. */
  readonly untried: string | undefined;
}

const makeOpen = ({ clock, runtimeOf, personAt }: StoreLook, settings: VaultSettings, tls: VaultTls): OpenStore => {
  const own: VaultSettings = { ...settings, timeoutSeconds: answerLimitSeconds, retries: 0 };
  const runtime = runtimeOf(tls);
  return { settings: own, runtime, inspector: new Inspector(own, { runtime, clock }), person: personAt(own) };
};

/** Throws `usage` for an address that is none. */
const openOf = async (look: StoreLook, name: StoreName, vault: VaultProvider): Promise<Opening> => {
  const caBundle = vault.caBundle === undefined ? undefined : Uint8Array.fromBase64(vault.caBundle);
  const bare = (untried: string): Opening => ({ open: makeOpen(look, addressOnly(vault), { caBundle }), untried });
  if (isOperatorsOwn(vault)) return bare('it logs in as the operator itself, whose token only the operator has');
  const { kube, namespace } = look;
  const resolved = await seen(rightTo('get', resources.secret, namespace), () =>
    resolveVault(vault, { kube, store: name, namespace: name.namespace || namespace, ownToken: undefined }),
  );
  if (resolved.kind !== 'there') return bare(unseen(resolved) ?? '');
  return { open: makeOpen(look, resolved.value.settings, resolved.value.tls), untried: undefined };
};

const isOpen = (status: StatusSeen): boolean =>
  status.kind === 'answered' && status.status.initialized && !status.status.sealed;

type Reached = Pick<StoreEvidence, 'status' | 'login'> & Pick<StoreSeen, 'open'>;

const reach = async (look: StoreLook, name: StoreName, vault: VaultProvider): Promise<Reached> => {
  try {
    const { open, untried } = await openOf(look, name, vault);
    const status = await statusOf(open.inspector);
    if (untried !== undefined)
      return { status, login: { kind: 'untried', reason: untried, todo: undefined }, open: undefined };
    const login = isOpen(status) ? await loginOf(look, open, tokenRight(look, name, vault)) : undefined;
    return { status, login, open: login?.kind === 'works' ? open : undefined };
  } catch (cause) {
    if (!(cause instanceof CofferError)) throw cause;
    return { status: { kind: 'silent', reason: cause.publicMessage }, login: undefined, open: undefined };
  }
};

const withVault = async (look: StoreLook, store: SeenStore, vault: VaultProvider): Promise<StoreSeen> => {
  const { name } = store;
  const isCluster = name.kind === 'ClusterSecretStore';
  const [credentials, refused, { status, login, open }] = await Promise.all([
    credentialsOf(look.kube, vault, { namespace: look.namespace, isCluster }),
    refusalOf(look, store),
    reach(look, name, vault),
  ]);
  const object: Seen<SeenStore> = { kind: 'there', value: store };
  const evidence = { name, object, names: [], refusal: refused, address: vault.server, credentials, status, login };
  return { evidence, open };
};

export const lookAtStore = async (look: StoreLook, name: StoreName): Promise<StoreSeen> => {
  const { kind, namespace } = name;
  const object = await seen(rightTo('get', resourceOf[kind], namespace || undefined), async () => {
    const found = await look.kube.get(resourceOf[kind], { name: name.name, namespace: namespace || undefined });
    return found === undefined ? undefined : seenStore(kind)(found);
  });
  if (object.kind !== 'there') {
    const names = object.kind === 'absent' ? await namesOf(look, name) : [];
    return { evidence: { name, object, ...nothingMore, names }, open: undefined };
  }
  const found = configured(object.value.read);
  if (!('vault' in found)) return { evidence: { name, object, ...nothingMore }, open: undefined };
  return withVault(look, object.value, found.vault);
};
