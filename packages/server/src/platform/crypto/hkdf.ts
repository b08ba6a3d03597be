/** HKDF-SHA256 (RFC 5869): keys for different purposes out of one. */
import { hkdfSync } from 'node:crypto';

export interface Derivation {
  readonly salt: Uint8Array;
  /** What the key is for; keys of different purposes are independent. */
  readonly info: string | Uint8Array;
  /** At most 8,160. */
  readonly lengthBytes: number;
}

export const hkdf = (key: Uint8Array, { salt, info, lengthBytes }: Derivation): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, salt, info, lengthBytes));
