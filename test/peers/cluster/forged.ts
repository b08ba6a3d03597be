/** JWTs that nobody issued: signed by whatever key a test has, or by none. */
import { createHmac, createPrivateKey, sign } from 'node:crypto';

const part = (value: object | Uint8Array): string =>
  (value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(JSON.stringify(value))).toString('base64url');

export const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

export const headerOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>;

export interface Forgery {
  readonly header: object;
  readonly claims: object;
}

export const signedRs256 = ({ header, claims }: Forgery, keyPem: string): string => {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${part(sign('sha256', Buffer.from(text), createPrivateKey(keyPem)))}`;
};

/** With a text that both sides know, such as a public key. */
export const signedHs256 = ({ header, claims }: Forgery, secret: string): string => {
  const text = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`;
  return `${text}.${part(createHmac('sha256', secret).update(text).digest())}`;
};

export const unsigned = ({ header, claims }: Forgery): string => `${part({ ...header, alg: 'none' })}.${part(claims)}.`;
