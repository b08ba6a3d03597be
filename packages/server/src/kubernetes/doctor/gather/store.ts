/** One store: its manifest, what that names of the cluster, how the store itself is, and whether the login works. */
import type { Runtime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Coffer } from '@coffer/client/client.ts';
import type { Clock } from '../../../contracts/clock.ts';
import type { Kube, Resource } from '../../../contracts/kube.ts';
import { isForbidden } from '../../../platform/kube/error.ts';
import { Inspector } from '../../../providers/vault/inspect.ts';
import type { VaultSettings, VaultTls } from '../../../providers/vault/settings.ts';
import { resources } from '../../api/resources.ts';
import type { VaultProvider } from '../../api/vault.ts';
import { configured } from '../../operator/store/check-store.ts';
import { type SeenStore, seenStore } from '../../operator/store/seen-store.ts';
import type { StoreName } from '../../operator/store/store-key.ts';
import { isUsableFrom, refusal } from '../../operator/store/usable-from.ts';
import { type Look, resolveVault } from '../../operator/store/vault-settings.ts';
import type { CredentialEvidence, LoginSeen, StatusSeen, StoreEvidence } from '../evidence.ts';
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
  readonly personAt: (settings: VaultSettings, runtime: Runtime) => Coffer | undefined;
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

const tokenRight = (look: StoreLook, { namespace }: StoreName): Right => ({
  verb: 'create',
  resource: 'serviceaccounts/token',
  namespace: namespace || look.namespace,
});

const loginOf = async (look: StoreLook, name: StoreName, open: OpenStore): Promise<LoginSeen> => {
  try {
    await open.inspector.check();
    return { kind: 'works', words: loginWords(open.settings) };
  } catch (cause) {
    if (isForbidden(cause)) {
      const right = tokenRight(look, name);
      const reason = unseen({ kind: 'forbidden', right }) ?? '';
      return { kind: 'untried', reason, todo: grantCommand(right, look.user) };
    }
    if (!(cause instanceof CofferError)) throw cause;
    const bound = await boundFor(open);
    const words = loginWords(open.settings);
    return { kind: 'refused', words, reason: cause.publicMessage, bound, isPersonKnown: open.person !== undefined };
  }
};

/** With what can be read of its settings: an address alone is enough to ask how it is. */
const addressOnly = ({ server, namespace, headers }: VaultProvider): VaultSettings => ({
  server,
  namespace,
  headers,
  version: 'v2',
  auth: { method: 'kubernetes', role: '', jwt: () => Promise.reject(new CofferError('usage', 'nobody logs in')) },
});

const openOf = async (
  look: StoreLook,
  name: StoreName,
  vault: VaultProvider,
): Promise<{ readonly open: OpenStore; readonly untried: string | undefined }> => {
  const { clock, runtimeOf, personAt, namespace, kube } = look;
  const bounds = { timeoutSeconds: answerLimitSeconds, retries: 0 };
  const made = (settings: VaultSettings, tls: VaultTls): OpenStore => {
    const [own, runtime] = [{ ...settings, ...bounds }, runtimeOf(tls)];
    const inspector = new Inspector(own, { runtime, clock });
    return { settings: own, runtime, inspector, person: personAt(own, runtime) };
  };
  const own = isOperatorsOwn(vault)
    ? 'it logs in as the operator itself, whose token only the operator has'
    : undefined;
  try {
    if (own !== undefined) throw new CofferError('usage', own);
    const where: Look = { kube, store: name, namespace: name.namespace || namespace, ownToken: undefined };
    const { settings, tls } = await resolveVault(vault, where);
    return { open: made(settings, tls), untried: undefined };
  } catch (cause) {
    if (!(cause instanceof CofferError)) throw cause;
    const caBundle = vault.caBundle === undefined ? undefined : Uint8Array.fromBase64(vault.caBundle);
    return { open: made(addressOnly(vault), { caBundle }), untried: cause.publicMessage };
  }
};

const isOpen = (status: StatusSeen): boolean =>
  status.kind === 'answered' && status.status.initialized && !status.status.sealed;

const withVault = async (look: StoreLook, store: SeenStore, vault: VaultProvider): Promise<StoreSeen> => {
  const { name } = store;
  const credentials: readonly CredentialEvidence[] = await credentialsOf(look.kube, vault, {
    namespace: look.namespace,
    isCluster: name.kind === 'ClusterSecretStore',
  });
  const { open, untried } = await openOf(look, name, vault);
  const status = await statusOf(open.inspector);
  const tried = async (): Promise<LoginSeen | undefined> => {
    if (untried !== undefined) return { kind: 'untried', reason: untried, todo: undefined };
    return isOpen(status) ? loginOf(look, name, open) : undefined;
  };
  const login = await tried();
  const object: Seen<SeenStore> = { kind: 'there', value: store };
  const refused = await refusalOf(look, store);
  const evidence = { name, object, names: [], refusal: refused, address: vault.server, credentials, status, login };
  return { evidence, open: login?.kind === 'works' ? open : undefined };
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
