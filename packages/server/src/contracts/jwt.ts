/** JSON Web Tokens (RFC 7519) as engines check them: signed by asymmetric keys, in the compact form. */

/** What a token says; nothing of it is proved. */
export interface JwtText {
  readonly algorithm: string;
  /** '' where it names none. */
  readonly keyId: string;
  readonly claims: ReadonlyMap<string, unknown>;
}

/** Public keys, ready for use. */
export interface JwtKeys {
  /** Of those that have one. */
  readonly keyIds: ReadonlySet<string>;
  /** RS, PS and ES algorithms (RFC 7518 §3.1) alone. */
  verify(jwt: string): Promise<JwtSignature>;
}

export type JwtSignature = 'valid' | 'invalid' | 'unknown key' | 'algorithm not allowed';

export interface Jwts {
  /** Undefined where the text is no signed JWT. */
  read(jwt: string): JwtText | undefined;
  /** Keys or certificates, one in each text. Throws `invalid_request`. */
  pemKeys(pems: readonly string[]): JwtKeys;
  /** A JWK Set (RFC 7517 §5). Throws `invalid_request`. */
  jwksKeys(jwks: Uint8Array): JwtKeys;
}
