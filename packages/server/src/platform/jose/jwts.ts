/**
 * JSON Web Tokens; the one place that knows the library. Algorithms are a closed list of asymmetric ones, so that neither
 * `none` nor a public key taken as an HMAC key ever verifies (RFC 8725 §3.1).
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { type CompactVerifyGetKey, compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';
import { CofferError } from '@coffer/schema/errors.ts';
import type { JwtKeys, Jwts, JwtSignature, JwtText } from '../../contracts/jwt.ts';

const algorithms: readonly string[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const keysLimit = 64;
/** Longest text worth reading. */
const jwtLimit = 16_384;
/** The compact form (RFC 7515 §3.1): base64url without padding. Decoders take more, such as line breaks. */
const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

const objectOf = (part: string): ReadonlyMap<string, unknown> | undefined => {
  try {
    const bytes = Uint8Array.fromBase64(part, { alphabet: 'base64url' });
    const value: unknown = JSON.parse(utf8.decode(bytes));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const read = (jwt: string): JwtText | undefined => {
  if (jwt.length > jwtLimit || !compact.test(jwt)) return undefined;
  const [head = '', body = ''] = jwt.split('.');
  const header = objectOf(head);
  const claims = objectOf(body);
  if (header === undefined || claims === undefined) return undefined;
  return { algorithm: textOf(header.get('alg')), keyId: textOf(header.get('kid')), claims };
};

const allowed = [...algorithms];

/** Only what a stranger can cause becomes a verdict. */
const verdictOf = (cause: unknown): JwtSignature => {
  if (cause instanceof errors.JWKSNoMatchingKey) return 'unknown key';
  if (cause instanceof errors.JOSEAlgNotAllowed) return 'algorithm not allowed';
  // A key of another kind than the algorithm is refused by the library or by what is below it.
  if (cause instanceof errors.JOSEError || cause instanceof TypeError || cause instanceof DOMException)
    return 'invalid';
  throw cause;
};

const pemKeys = (pems: readonly string[]): JwtKeys => {
  if (pems.length > keysLimit) throw new CofferError('invalid_request', `at most ${keysLimit} keys are taken`);
  const keys = pems.map((pem, index) => publicKey(pem, index));
  return {
    keyIds: new Set(),
    verify: async jwt => {
      let last: JwtSignature = 'unknown key';
      for (const key of keys) {
        last = await compactVerify(jwt, key, { algorithms: allowed }).then(() => 'valid' as const, verdictOf);
        if (last === 'valid' || last === 'algorithm not allowed') break;
      }
      return last;
    },
  };
};

const publicKey = (pem: string, index: number): KeyObject => {
  const refuse = (): never => {
    throw new CofferError('invalid_request', `key ${index + 1} is no public key or certificate in PEM`);
  };
  if (/PRIVATE KEY/.test(pem)) return refuse();
  try {
    return createPublicKey(pem);
  } catch {
    return refuse();
  }
};

const jwksKeys = (jwks: Uint8Array): JwtKeys => {
  const set = keySet(jwks);
  const resolve = createLocalJWKSet(set) as CompactVerifyGetKey;
  return {
    keyIds: new Set(set.keys.flatMap(({ kid }) => (typeof kid === 'string' ? [kid] : []))),
    verify: jwt => compactVerify(jwt, resolve, { algorithms: allowed }).then(() => 'valid' as const, verdictOf),
  };
};

const keySet = (jwks: Uint8Array): JSONWebKeySet => {
  const refused = new CofferError('invalid_request', 'the answer is no JWK Set');
  let set: unknown;
  try {
    set = JSON.parse(utf8.decode(jwks));
    createLocalJWKSet(set as JSONWebKeySet);
  } catch {
    throw refused;
  }
  const { keys } = set as JSONWebKeySet;
  if (keys.length > keysLimit) throw refused;
  return { keys };
};

export const jwts: Jwts = { read, pemKeys, jwksKeys };
