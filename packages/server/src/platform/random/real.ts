/**
 * Randomness of the operating system, drawn in pools: one call for a few bytes costs more than the bytes.
 * A byte is handed out once, and wiped from the pool with that.
 */
import { randomFillSync, randomUUID } from 'node:crypto';
import type { Random } from '../../contracts/random.ts';

const poolBytes = 8_192;
/** Requests above this are drawn on their own. */
const pooledBytesLimit = 512;

export const realRandom = (): Random => {
  const pool = new Uint8Array(poolBytes);
  let next = poolBytes;
  const bytes = (length: number): Uint8Array => {
    if (length > pooledBytesLimit) return randomFillSync(new Uint8Array(length));
    if (next + length > poolBytes) {
      randomFillSync(pool);
      next = 0;
    }
    const drawn = pool.slice(next, next + length);
    pool.fill(0, next, next + length);
    next += length;
    return drawn;
  };
  return { bytes, uuid: randomUUID };
};
