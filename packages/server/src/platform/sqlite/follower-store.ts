/**
 * A store as the other threads of its process see it: they read it through a connection of their own, and follow what the
 * one that writes commits. They write nothing.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Steps } from '../../contracts/steps.ts';
import type { ChangeOrGap, RangeEntry, RangeOptions, Storage, Stored } from '../../contracts/storage.ts';
import { checkKey, checkText } from '../storage/key.ts';
import { Reader } from './reader.ts';
import { SharedHead } from './shared-head.ts';

/** Changes that are told one by one. Behind more than that it is cheaper to read anew. */
const toldLimit = 4_096;

export interface FollowerStore extends Storage, Steps {
  close(): void;
}

const notHere = (): Error => new CofferError('internal', 'This thread only reads the store.');

class ReadingStore implements FollowerStore {
  readonly #reader: Reader;
  readonly #shared: SharedHead;

  constructor(path: string, shared: SharedHead) {
    this.#shared = shared;
    this.#reader = new Reader(path, shared);
  }

  now(): number {
    return this.#shared.now();
  }

  isSettled(step: number): boolean {
    return this.#shared.isSettled(step);
  }

  *changesAfter(revision: number): Iterable<ChangeOrGap> {
    const head = this.#reader.head();
    if (head === revision) return;
    const isNear = head > revision && head - revision <= toldLimit;
    const changes = isNear ? this.#reader.changes(revision + 1, head, toldLimit) : [];
    // Some are kept no more, or all records were replaced.
    if (changes.length < head - revision || !isNear) yield { compacted: head + 1 };
    else yield* changes;
  }

  get(key: string): Stored | undefined {
    checkKey(key);
    return this.#reader.get(key);
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async range(prefix: string, options: RangeOptions = {}): Promise<readonly RangeEntry[]> {
    checkText(prefix, 'prefix');
    checkText(options.after ?? '', 'start');
    return this.#reader.range(prefix, options);
  }

  commit(): Promise<never> {
    return Promise.reject(notHere());
  }

  changes(): never {
    throw notHere();
  }

  close(): void {
    this.#reader.close();
  }
}

/** `memory`: that of the `SharedHead` of the thread that writes. Throws where the file cannot be opened. */
export const openFollowerStore = (path: string, memory: SharedArrayBuffer): FollowerStore =>
  new ReadingStore(path, new SharedHead(memory));
