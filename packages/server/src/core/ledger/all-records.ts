/**
 * Every record as it lies in the storage, in the order of the keys, a few at a time: values may be long, and others have their turn.
 */
import type { RangeEntry, Storage } from '../../contracts/storage.ts';
import { turn } from '../../platform/clock/turn.ts';
import { layoutPrefix } from '../barrier/layout.ts';

const atOnce = 64;

export interface RecordPage {
  readonly records: readonly RangeEntry[];
  /** The last key; undefined where there are no more. */
  readonly last: string | undefined;
}

export const recordsAfter = async (storage: Storage, after: string | undefined): Promise<RecordPage> => {
  await turn();
  const records = await storage.range(layoutPrefix, { ...(after === undefined ? {} : { after }), limit: atOnce });
  return { records, last: records.length < atOnce ? undefined : records.at(-1)?.key };
};

export const allRecords = async function* (storage: Storage): AsyncIterable<RangeEntry> {
  let after: string | undefined;
  do {
    const page = await recordsAfter(storage, after);
    yield* page.records;
    after = page.last;
  } while (after !== undefined);
};
