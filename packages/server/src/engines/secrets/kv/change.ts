/**
 * The one way a key changes: read its metadata, decide, commit all that follows at once, on the condition that the
 * metadata is still the one that was read. Who loses the race decides anew, so a check-and-set that no longer holds is
 * found by the decision itself. Either everything of a change is stored or nothing.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { ChangeEvent, Write } from '../../../contracts/storage.ts';
import type { Maybe } from '../../keyed/later.ts';
import { inTurn } from '../../keyed/turns.ts';
import type { KvCx } from './cx.ts';
import { type KeyMeta, metaKey } from './key-meta.ts';
import { metaWrite, storedMeta } from './meta-record.ts';

/** Races lost to other processes before the caller is told to try again. */
const attemptLimit = 16;

export interface Decision<T> {
  readonly answer: T;
  /** Absent: nothing is to be changed. */
  readonly change?: {
    /** `undefined` removes the key. */
    readonly meta: KeyMeta | undefined;
    readonly values: readonly Write[];
    readonly event: ChangeEvent;
  };
}

/** `undefined`: what it read belongs to two states of the key; decide anew. */
export type Decide<T> = (meta: KeyMeta | undefined) => Maybe<Decision<T> | undefined>;

export const changeKey = <T>(cx: KvCx, path: string, decide: Decide<T>): Promise<T> =>
  inTurn(cx.storage, path, () => attempts(cx, path, decide));

const attempts = async <T>(cx: KvCx, path: string, decide: Decide<T>): Promise<T> => {
  const key = metaKey(path);
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    const found = cx.storage.get(key);
    const entry = found instanceof Promise ? await found : found;
    const decided = decide(entry === undefined ? undefined : storedMeta(entry).meta);
    const decision = decided instanceof Promise ? await decided : decided;
    if (decision === undefined) continue;
    const { change } = decision;
    if (change === undefined) return decision.answer;
    const result = await cx.storage.commit({
      checks: [{ key, expect: entry?.revision ?? 'absent' }],
      writes: [metaWrite(path, change.meta), ...change.values],
      events: [change.event],
    });
    if (result.ok) return decision.answer;
  }
  throw new CofferError('conflict', 'The key is being changed by others; try again.');
};
