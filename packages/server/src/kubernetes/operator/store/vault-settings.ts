/**
 * From `provider.vault` of a manifest to what the provider is opened with: whatever the manifest names of the cluster
 * (Secrets, ConfigMaps, ServiceAccounts) is looked up here. Nothing of it is kept: a rotated one is found at the next look.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Kube, KubeObject, Resource } from '../../../contracts/kube.ts';
import type { VaultAuth, VaultSettings, VaultTls } from '../../../providers/vault/settings.ts';
import type { SecretKeyRef, ServiceAccountRef } from '../../api/references.ts';
import { resources } from '../../api/resources.ts';
import type { VaultProvider } from '../../api/vault.ts';
import { dataOf } from '../external-secret/seen-secret.ts';
import type { StoreName } from './store-key.ts';

export interface Look {
  readonly kube: Pick<Kube, 'get' | 'ask'>;
  readonly store: StoreName;
  /** Where references without a namespace point to. */
  readonly namespace: string;
  /** The operator's own ServiceAccount token, for stores of the cluster alone; undefined outside of a cluster. */
  readonly ownToken: (() => Promise<Secret>) | undefined;
}

export interface Resolved {
  readonly settings: VaultSettings;
  readonly tls: VaultTls;
  /** Versions of the objects that were read: a change of any of them makes it another one. */
  readonly fingerprint: string;
}

/** How long a token that is asked for a login lives; it is used at once. */
const loginTokenSeconds = 600;

const misconfigured = (message: string): CofferError => new CofferError('invalid_request', message);

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** Objects that were looked up for one store, with their versions. */
class Lookups {
  readonly #look: Look;
  readonly #versions: string[] = [];

  constructor(look: Look) {
    this.#look = look;
  }

  get versions(): readonly string[] {
    return this.#versions;
  }

  /** A store of a namespace sees only that; a store of the cluster says where, or means whoever uses it. */
  placeOf({
    name = '',
    namespace,
  }: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
  }): Place {
    const isCluster = this.#look.store.kind === 'ClusterSecretStore';
    return { name, namespace: (isCluster ? namespace : undefined) ?? this.#look.namespace };
  }

  async value(resource: Resource, ref: SecretKeyRef, field: string): Promise<Uint8Array> {
    const at = this.placeOf(ref);
    const words = `${resource.kind} "${at.namespace}/${at.name}"`;
    const object = await this.#look.kube.get(resource, at);
    if (object === undefined)
      throw misconfigured(`${field} names ${words}, which is not there: make it, or correct the reference`);
    this.#versions.push(`${object.metadata.uid}/${object.metadata.resourceVersion}`);
    const value = valueIn(resource, object, ref.key ?? '');
    if (value === undefined)
      throw misconfigured(
        `${field} names the key "${ref.key ?? ''}", which ${words} does not have: correct one of both`,
      );
    return value;
  }

  async secret(ref: SecretKeyRef, field: string): Promise<Secret> {
    return Secret.of(await this.value(resources.secret, ref, field));
  }
}

const text = new TextEncoder();

const valueIn = (resource: Resource, object: KubeObject, key: string): Uint8Array | undefined => {
  if (resource === resources.secret) return dataOf(object).get(key);
  const data = object['data'] as { readonly [key: string]: string } | undefined;
  const found = data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
  return found === undefined ? undefined : text.encode(found);
};

const trimmed = (secret: Secret): Secret => Secret.of(secret.revealText().trim());

const serviceAccountToken = async (look: Look, lookups: Lookups, ref: ServiceAccountRef): Promise<Secret> => {
  const { namespace, name } = lookups.placeOf(ref);
  const answer = await look.kube.ask(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: ref.audiences ?? [], expirationSeconds: loginTokenSeconds },
  });
  const { token } = (answer['status'] ?? {}) as { readonly token?: unknown };
  if (typeof token !== 'string') throw new CofferError('unreachable', 'the API server answered no token: try again');
  return Secret.of(token);
};

const kubernetesAuth = async (
  look: Look,
  lookups: Lookups,
  auth: NonNullable<NonNullable<VaultProvider['auth']>['kubernetes']>,
): Promise<VaultAuth> => {
  const { mountPath, role, serviceAccountRef, secretRef } = auth;
  const { ownToken } = look;
  const base = { method: 'kubernetes', mountPath, role } as const;
  if (serviceAccountRef !== undefined)
    return { ...base, jwt: () => serviceAccountToken(look, lookups, serviceAccountRef) };
  if (secretRef !== undefined) {
    const jwt = trimmed(await lookups.secret(secretRef, 'auth.kubernetes.secretRef'));
    return { ...base, jwt: async () => jwt };
  }
  // Whoever may make a store of a namespace names its server: the operator's token would be his.
  if (look.store.kind === 'SecretStore')
    throw misconfigured(
      'auth.kubernetes names no ServiceAccount, and a store of a namespace may not log in as the operator: set serviceAccountRef',
    );
  if (ownToken === undefined)
    throw misconfigured(
      'auth.kubernetes names no ServiceAccount, and the operator runs in none: set serviceAccountRef',
    );
  return { ...base, jwt: ownToken };
};

const authOf = async (look: Look, lookups: Lookups, { auth }: VaultProvider): Promise<VaultAuth> => {
  if (auth?.tokenSecretRef !== undefined) {
    const token = trimmed(await lookups.secret(auth.tokenSecretRef, 'auth.tokenSecretRef'));
    return { method: 'token', token, namespace: auth.namespace };
  }
  if (auth?.kubernetes !== undefined)
    return { ...(await kubernetesAuth(look, lookups, auth.kubernetes)), namespace: auth.namespace };
  throw misconfigured('provider.vault.auth says no way to log in: set tokenSecretRef or kubernetes');
};

const caOf = async (lookups: Lookups, { caBundle, caProvider }: VaultProvider): Promise<Uint8Array | undefined> => {
  if (caBundle !== undefined) return Uint8Array.fromBase64(caBundle);
  if (caProvider === undefined) return undefined;
  const resource = caProvider.type === 'Secret' ? resources.secret : resources.configMap;
  return lookups.value(resource, caProvider, 'provider.vault.caProvider');
};

const tlsOf = async (lookups: Lookups, vault: VaultProvider): Promise<VaultTls> => {
  const { certSecretRef, keySecretRef } = vault.tls ?? {};
  return {
    caBundle: await caOf(lookups, vault),
    certificate: certSecretRef && (await lookups.secret(certSecretRef, 'provider.vault.tls.certSecretRef')),
    key: keySecretRef && (await lookups.secret(keySecretRef, 'provider.vault.tls.keySecretRef')),
  };
};

/** Throws `invalid_request` where the manifest names what is not there; `KubeError` where that cannot be found out. */
export const resolveVault = async (vault: VaultProvider, look: Look): Promise<Resolved> => {
  const lookups = new Lookups(look);
  const { server, path, version, namespace, headers } = vault;
  const settings = { server, path, version, namespace, headers, auth: await authOf(look, lookups, vault) };
  const tls = await tlsOf(lookups, vault);
  return { settings, tls, fingerprint: [look.namespace, ...lookups.versions].join(' ') };
};

/** The credentials lie in the namespace of whoever uses the cluster store. */
export const isReferent = ({ auth, caProvider, tls }: VaultProvider): boolean =>
  [
    auth?.tokenSecretRef,
    auth?.kubernetes?.serviceAccountRef,
    auth?.kubernetes?.secretRef,
    caProvider,
    tls?.certSecretRef,
    tls?.keySecretRef,
  ].some(ref => ref !== undefined && ref.namespace === undefined);
