/**
 * What the ledger keeps of a record: its name, 64 bits of a keyed hash of its key (HMAC-SHA256, RFC 2104), so that nobody who
 * chooses keys can choose two of one name; and the mark of its commit, 64 bits of the commit's id. Who has the storage can only
 * put back what was once written under the same key, and did not choose those commits' ids.
 */
import type { HmacKey } from '../../platform/crypto/hash.ts';

/** Two halves of 64 bits. */
export interface Name {
  readonly hi: number;
  readonly lo: number;
}

/** Never all zero. */
export interface Mark {
  readonly hi: number;
  readonly lo: number;
}

/** Names fall into 4,096 buckets by their first bits. */
export const bucketBits = 12;
export const buckets = 2 ** bucketBits;

/** The record is removed. */
export const gone: Mark = { hi: 0, lo: 0 };

export const sameMark = (left: Mark, right: Mark): boolean => left.hi === right.hi && left.lo === right.lo;

export const nameOf = (hash: HmacKey, key: string): Name => hash.first64(key);

/** Of an id of 16 bytes. */
export const markOfId = (id: Uint8Array): Mark => {
  const view = new DataView(id.buffer, id.byteOffset, id.byteLength);
  const hi = (view.getUint32(0) ^ view.getUint32(8)) >>> 0;
  const lo = (view.getUint32(4) ^ view.getUint32(12)) >>> 0;
  return hi === 0 && lo === 0 ? { hi, lo: 1 } : { hi, lo };
};
