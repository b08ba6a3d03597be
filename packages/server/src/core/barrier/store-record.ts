/**
 * The one record in clear: which format the store has and which store it is. The id goes into every record's additional
 * data, so that records of one store never open in another.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Storage, Write } from '../../contracts/storage.ts';
import { storeKey } from './layout.ts';
import { idBytes } from './record.ts';

/** The newest layout this version reads and the one it writes. */
const storeFormat = 1;

export const storeRecord = (storeId: Uint8Array): Write => {
  const value = new Uint8Array(1 + idBytes);
  value[0] = storeFormat;
  value.set(storeId, 1);
  return { key: storeKey, value };
};

/** The store's id, or undefined where nothing was ever initialised. */
export const readStoreId = async (storage: Storage): Promise<Uint8Array | undefined> => {
  const value = (await storage.get(storeKey))?.value;
  if (value === undefined) return undefined;
  const format = value[0] ?? 0;
  if (format > storeFormat) {
    const known = `this version reads formats up to ${storeFormat}`;
    throw new CofferError('data_corrupt', `The store has format ${format}; ${known}: use a newer version.`);
  }
  if (format !== storeFormat || value.length !== 1 + idBytes) {
    throw new CofferError('data_corrupt', `The record ${JSON.stringify(storeKey)} is damaged.`);
  }
  return value.slice(1);
};
