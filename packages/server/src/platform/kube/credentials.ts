/** Who we are to the API server, as it is right now: what rotates is read anew by whoever implements this. */
import type { Secret } from '@coffer/schema/secret.ts';

export interface ClientCertificate {
  /** PEM. */
  readonly cert: Uint8Array;
  readonly key: Secret;
}

export interface Identity {
  /** The whole value of the header. */
  readonly authorization?: Secret | undefined;
  readonly certificate?: ClientCertificate | undefined;
  /** Whom to act as. */
  readonly impersonation: { readonly [header: string]: string | readonly string[] };
}

export interface Credentials {
  current(): Promise<Identity>;
  /** The API server answered 401 to this one. True where asking for `current` again may give something better. */
  refused(identity: Identity): boolean;
}

/** Where the API server is, and how it proves itself. */
export interface Endpoint {
  readonly url: URL;
  /** PEM; asked for again and again, because authorities rotate too. `undefined`: the authorities Node trusts. */
  ca(): Promise<Uint8Array | undefined>;
  /** The name in its certificate, where it is not the one in the URL. */
  readonly serverName?: string | undefined;
  readonly insecure: boolean;
  readonly proxy?: string | undefined;
}
