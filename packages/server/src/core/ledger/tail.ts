/**
 * What was committed after the last mark, before the process ended without another: found in the change log, which anybody may
 * have written who has the storage. A record counts where its own id, which nobody else can put there, says that it is newer than
 * the mark; a removal with the proof that its commit left. What neither says stays as the ledger has it.
 */
import type { Change, Storage } from '../../contracts/storage.ts';
import { markOf as marksIn, recordOverheadBytes } from '../barrier/record.ts';
import { countIn } from '../barrier/write-ids.ts';
import { allRecords } from './all-records.ts';
import { markOfStored } from './guard.ts';
import type { Ledger } from './ledger.ts';
import { gone, sameMark } from './mark.ts';
import { provedRemovals } from './removals.ts';

export interface Tail {
  readonly storage: Storage;
  readonly covers: (key: string) => boolean;
  /** Of the process that wrote last; what it counted higher than `upTo` is new. */
  readonly lane: Uint8Array;
  readonly upTo: number;
  /** Everything up to this revision is in the ledger. */
  readonly since: number;
  readonly head: number;
}

/** Undefined where they are not all there. */
const changesOf = async ({ storage, since, head }: Tail): Promise<readonly Change[] | undefined> => {
  const changes: Change[] = [];
  if (since >= head) return since === head ? changes : undefined;
  const ends = new AbortController();
  for await (const change of storage.changes(since, ends.signal)) {
    if ('compacted' in change) return undefined;
    changes.push(change);
    if (change.revision >= head) break;
  }
  ends.abort();
  return changes;
};

const isNewer = ({ lane, upTo }: Tail, id: Uint8Array): boolean => (countIn(lane, id) ?? 0) > upTo;

/** Keys that a newer commit removed. */
const removedIn = (ledger: Ledger, tail: Tail, changes: readonly Change[]): ReadonlySet<string> => {
  const keys = new Set<string>();
  for (const change of changes) {
    const removals = provedRemovals(ledger, change);
    if (removals !== undefined && isNewer(tail, removals.id)) for (const key of removals.keys) keys.add(key);
  }
  return keys;
};

const follow = async (ledger: Ledger, tail: Tail, changes: readonly Change[]): Promise<void> => {
  const removed = removedIn(ledger, tail, changes);
  const keys = new Set(changes.flatMap(change => change.keys).filter(tail.covers));
  for (const key of keys) {
    const stored = await tail.storage.get(key);
    if (stored === undefined) {
      if (removed.has(key) && !sameMark(ledger.markOf(key), gone)) ledger.note(key, gone);
    } else noteNewer(ledger, tail, { key, value: stored.value });
  }
};

const noteNewer = (ledger: Ledger, tail: Tail, { key, value }: { key: string; value: Uint8Array }): void => {
  if (value.length < recordOverheadBytes || !isNewer(tail, marksIn(value).writeId)) return;
  const mark = markOfStored({ value, revision: 0 });
  if (!sameMark(ledger.markOf(key), mark)) ledger.note(key, mark);
};

/** Where the change log does not reach back so far, as in a store that was copied from another place, all records are looked at. */
export const followTail = async (ledger: Ledger, tail: Tail): Promise<void> => {
  const changes = await changesOf(tail);
  if (changes !== undefined) return follow(ledger, tail, changes);
  for await (const record of allRecords(tail.storage)) if (tail.covers(record.key)) noteNewer(ledger, tail, record);
};
