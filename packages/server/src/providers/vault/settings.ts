/**
 * How a store of the provider `vault` is reached. Whatever a manifest only names (Secrets, ConfigMaps, ServiceAccounts) is
 * resolved by whoever makes these: the provider never speaks to Kubernetes. `readYourWrites` of manifests needs no setting:
 * the client always asks for the newest state that it has seen.
 */
import type { TlsOptions } from '@coffer/client/node.ts';
import type { Secret } from '@coffer/schema/secret.ts';

export interface TokenAuth {
  readonly method: 'token';
  readonly token: Secret;
}

export interface KubernetesAuth {
  readonly method: 'kubernetes';
  /** Default `kubernetes`. */
  readonly mountPath?: string | undefined;
  readonly role: string;
  /** A fresh token of the ServiceAccount; called for each login. */
  readonly jwt: () => Promise<Secret>;
}

export type VaultAuth = (TokenAuth | KubernetesAuth) & {
  /** Where the login and its token belong; default: the store's own namespace. */
  readonly namespace?: string | undefined;
};

export interface VaultSettings {
  /** For example `https://coffer.coffer:8200`. */
  readonly server: string;
  /** Mount of the secrets; without it, keys begin with it. */
  readonly path?: string | undefined;
  readonly version: 'v1' | 'v2';
  readonly namespace?: string | undefined;
  readonly headers?: ReadonlyMap<string, string> | undefined;
  readonly forwardInconsistent?: boolean | undefined;
  readonly auth: VaultAuth;
  /** Of one request, repeats included. Default 30. */
  readonly timeoutSeconds?: number | undefined;
  /** After 5xx and broken connections. Default 1. */
  readonly retries?: number | undefined;
}

export interface VaultTls {
  /** PEM. */
  readonly caBundle?: Uint8Array | undefined;
  /** PEM of the client's own certificate and its key. */
  readonly certificate?: Secret | undefined;
  readonly key?: Secret | undefined;
}

const utf8 = new TextDecoder();

/** For `nodeTransport`. */
export const tlsOptions = ({ caBundle, certificate, key }: VaultTls): TlsOptions => ({
  ...(caBundle === undefined ? {} : { authorities: [utf8.decode(caBundle)] }),
  ...(certificate === undefined ? {} : { certificate: certificate.revealText() }),
  ...(key === undefined ? {} : { key: key.revealText() }),
});
