/** Hashes of whole messages by their names on the wire (FIPS 180-4, FIPS 202). */
import { hash } from 'node:crypto';

const platformNames = {
  'sha2-224': 'sha224',
  'sha2-256': 'sha256',
  'sha2-384': 'sha384',
  'sha2-512': 'sha512',
  'sha3-224': 'sha3-224',
  'sha3-256': 'sha3-256',
  'sha3-384': 'sha3-384',
  'sha3-512': 'sha3-512',
} as const;

export type DigestName = keyof typeof platformNames;

export const digestNames = Object.freeze(Object.keys(platformNames)) as readonly DigestName[];

export const digest = (name: DigestName, message: Uint8Array): Uint8Array => {
  const sum = hash(platformNames[name], message, 'buffer');
  return new Uint8Array(sum.buffer, sum.byteOffset, sum.byteLength);
};
