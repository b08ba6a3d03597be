/**
 * What a store keeps when it goes back to a snapshot of its own: how far its audit files had come. Otherwise whoever may
 * restore could cut the files off, and the store would not miss what it has forgotten. Records go over as they lie: they are
 * bound to this store and to their keys. What is under a key term that the snapshot does not have cannot be taken along.
 */
import type { Storage, Write } from '../../contracts/storage.ts';
import { termOf } from '../barrier/record.ts';

const step = 1_000;

export const carriedRecords = async (
  storage: Pick<Storage, 'range'>,
  prefix: string,
  lastTerm: number,
): Promise<readonly Write[]> => {
  const carried: Write[] = [];
  let after: string | undefined;
  for (;;) {
    const found = await storage.range(prefix, { limit: step, ...(after === undefined ? {} : { after }) });
    for (const { key, value } of found) if (termOf(value, key) <= lastTerm) carried.push({ key, value });
    after = found.at(-1)?.key;
    if (found.length < step) return carried;
  }
};
