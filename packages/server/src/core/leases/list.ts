/** Names of leases in a folder of their ids, and those that people must look at. Bounded, read in steps. */
import { CofferError } from '@coffer/schema/errors.ts';
import { irrevocablePrefix, type Lease, recordPrefix } from './lease.ts';
import type { LeaseStore } from './store.ts';

/** Names in one answer; whoever has more asks page by page. */
export const namesLimit = 100_000;
/** Sorts behind every character an id may hold. */
const last = '\u{10FFFF}';

export interface LeasePage {
  /** `` or a path that ends in a slash. */
  readonly folder: string;
  readonly after: string;
  /** `Infinity` for all. */
  readonly limit: number;
  /** What ids stand behind; that of leases by default. */
  readonly index?: string;
}

const tooMuch = (): CofferError =>
  new CofferError('invalid_request', 'too much for one answer: ask page by page, with "limit" and "after"');

/** Folders are named once and stepped over, so that nothing inside them is read. */
export const leaseNames = async (
  store: LeaseStore,
  { folder, after, limit, index = recordPrefix }: LeasePage,
): Promise<readonly string[]> => {
  const prefix = index + folder;
  const names: string[] = [];
  let from = prefix + after + (after.endsWith('/') ? last : '');
  let named: string | undefined;
  for (;;) {
    const keys = await store.keys(prefix, from);
    if (keys.length === 0) return names;
    for (const key of keys) {
      const inside = key.slice(prefix.length);
      if (named !== undefined && inside.startsWith(named)) continue;
      const slash = inside.indexOf('/');
      const name = slash < 0 ? inside : inside.slice(0, slash + 1);
      named = slash < 0 ? undefined : name;
      from = slash < 0 ? key : prefix + name + last;
      // What is asked for behind something inside a folder begins there: the folder itself was named before.
      if (named !== undefined && after.startsWith(named)) continue;
      names.push(name);
      if (names.length >= limit) return names;
      if (names.length > namesLimit) throw tooMuch();
    }
  }
};

/** At most `limit` of the leases that were given up, in order of their ids. */
export const irrevocableLeases = async (store: LeaseStore, limit: number): Promise<readonly Lease[]> => {
  const found: Lease[] = [];
  for await (const leases of irrevocablePages(store)) {
    for (const lease of leases) {
      if (found.length >= limit) return found;
      if (found.length >= namesLimit) throw tooMuch();
      found.push(lease);
    }
  }
  return found;
};

/** How many were given up, by mount. */
export const countIrrevocable = async (store: LeaseStore): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  for await (const leases of irrevocablePages(store))
    for (const { mountId } of leases) counts.set(mountId, (counts.get(mountId) ?? 0) + 1);
  return counts;
};

async function* irrevocablePages(store: LeaseStore): AsyncGenerator<readonly Lease[]> {
  let after: string | undefined;
  for (;;) {
    const keys = await store.keys(irrevocablePrefix, after);
    after = keys.at(-1);
    if (after === undefined) return;
    const held = await store.all(keys.map(key => key.slice(irrevocablePrefix.length)));
    yield held.map(({ record }) => record);
  }
}
