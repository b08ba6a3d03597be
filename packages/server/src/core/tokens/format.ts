/**
 * The text of a token: a prefix that scanners know, 24 random base62 characters (142 bits) and a six-character checksum
 * (CRC-32 of what stands before it), so that a scanner can tell a token from a look-alike without asking anybody.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Random } from '../../contracts/random.ts';
import { base62, base62Letters } from '../base62.ts';

const checksumLength = 6;
export const randomLength = 24;
export const servicePrefix = 'cofs.';
export const batchPrefix = 'cofb.';
export const recoveryPrefix = 'cofr.';
/** Longest token text worth hashing. */
export const tokenTextLimit = 8192;

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32 (ISO 3309) of ASCII text as six base62 characters. */
export const checksum = (text: string): string => {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) crc = (crcTable[(crc ^ text.charCodeAt(at)) & 0xff] ?? 0) ^ (crc >>> 8);
  let rest = (crc ^ 0xffffffff) >>> 0;
  let out = '';
  for (let at = 0; at < checksumLength; at++) {
    out = (base62Letters[rest % 62] ?? '') + out;
    rest = Math.floor(rest / 62);
  }
  return out;
};

export const newServiceToken = (random: Random): string => {
  const text = servicePrefix + base62(random, randomLength);
  return text + checksum(text);
};

/** An id a privileged caller chose. Throws `invalid_request`. */
export const chosenId = (id: string): string => {
  const reserved = ['s.', 'b.', 'r.', servicePrefix, batchPrefix, recoveryPrefix, 'hvs.', 'hvb.', 'hvr.'];
  if (reserved.some(prefix => id.startsWith(prefix)))
    throw new CofferError('invalid_request', 'custom token ID cannot have a reserved token prefix');
  if (id.includes('.')) throw new CofferError('invalid_request', "custom token ID cannot have the '.' character");
  if (id.length > tokenTextLimit || !/^[\x21-\x7e]*$/.test(id))
    throw new CofferError('invalid_request', 'custom token ID must be printable ASCII without spaces');
  return id;
};
