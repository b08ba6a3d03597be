/**
 * What a forced restore leaves to be proved: the store came with a snapshot whose keys this server did not have. The first
 * opening has them: it serves only if the snapshot was sealed by a holder of those keys.
 *
 *     format 1 ‖ length of the sums u32 ‖ sums ‖ the sums, sealed                integers big-endian
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Storage, Write } from '../../contracts/storage.ts';
import { sameSecret } from '../../platform/crypto/equal.ts';
import type { Barrier } from '../barrier/barrier.ts';
import { idBytes } from '../barrier/record.ts';
import type { Random } from '../../contracts/random.ts';

export const restoredKey = '1/-/seal/restored';
const format = 1;
const headBytes = 5;

/** Under which the sums of a snapshot are sealed. */
export const sumsLabel = 'snapshot/SHA256SUMS';

export const restoredWrite = (sums: Uint8Array, sealed: Uint8Array): Write => {
  const value = new Uint8Array(headBytes + sums.length + sealed.length);
  value[0] = format;
  new DataView(value.buffer).setUint32(1, sums.length);
  value.set(sums, headBytes);
  value.set(sealed, headBytes + sums.length);
  return { key: restoredKey, value };
};

/** Whether `sealed` is what a holder of the keys made of these sums; undefined where the key term is unknown here. */
export const areSums = (barrier: Barrier, sums: Uint8Array, sealed: Uint8Array): boolean | undefined => {
  const opened = barrier.openApart(sumsLabel, sealed);
  return opened && sameSecret(opened, sums);
};

const isProved = (barrier: Barrier, value: Uint8Array): boolean => {
  const end = headBytes + new DataView(value.buffer, value.byteOffset).getUint32(1);
  return areSums(barrier, value.subarray(headBytes, end), value.subarray(end)) === true;
};

const notAuthentic = (cause?: unknown): CofferError =>
  new CofferError(
    'data_corrupt',
    'The snapshot that this store was restored from is not authentic: it was changed after it was made. Restore another one into a new store.',
    { cause },
  );

const check = (barrier: Barrier, value: Uint8Array): void => {
  let proved: boolean;
  try {
    proved = value[0] === format && isProved(barrier, value);
  } catch (cause) {
    throw notAuthentic(cause);
  }
  if (!proved) throw notAuthentic();
};

interface Ports {
  readonly storage: Storage;
  readonly barrier: Barrier;
  readonly random: Random;
}

/** The barrier is open. Throws `data_corrupt` where the store is not what its snapshot was made as. */
export const checkRestored = async ({ storage, barrier, random }: Ports): Promise<void> => {
  const stored = await storage.get(restoredKey);
  if (stored === undefined) return;
  check(barrier, stored.value);
  await storage.commit({
    id: random.bytes(idBytes).toHex(),
    checks: [{ key: restoredKey, expect: stored.revision }],
    writes: [{ key: restoredKey, value: undefined }],
  });
};
