/** Public keys from the one form in which they are published to the other in which they are configured. */
import { createPublicKey, type webcrypto } from 'node:crypto';
import { CofferError } from '@coffer/schema/errors.ts';

const keysLimit = 64;

/** Private members are not even looked at. */
const publicMembers = ['kty', 'n', 'e', 'crv', 'x', 'y'] as const;

const pemOf = (key: unknown): string => {
  const given = (key ?? {}) as webcrypto.JsonWebKey;
  const jwk = Object.fromEntries(publicMembers.map(name => [name, given[name]]));
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
};

/** A JWK Set (RFC 7517 §5), as parsed from JSON, to PEM (RFC 7468 §13), one key in each. Throws `invalid_request`. */
export const pemsOf = (jwks: unknown): readonly string[] => {
  const { keys } = (jwks ?? {}) as { readonly keys?: unknown };
  try {
    if (Array.isArray(keys) && keys.length > 0 && keys.length <= keysLimit) return keys.map(pemOf);
  } catch {
    // Told below.
  }
  throw new CofferError('invalid_request', `expected a JWK Set of 1 to ${keysLimit} RSA or elliptic curve keys`);
};
