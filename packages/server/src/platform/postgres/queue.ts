/**
 * Group commit: what is handed in during one turn of the event loop, or while the batch before is being written, goes as one
 * transaction. One batch is under way at a time. Values are copied when they are handed in.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Commit, CommitResult } from '../../contracts/storage.ts';
import { packChange } from '../storage/change-entry.ts';
import { batchBytesLimit, batchCommitsLimit, waitingBytesLimit } from './bounds.ts';
import { Holding } from '../storage/holding.ts';
import type { Prepared } from './decide.ts';
import { told } from './failure.ts';

interface Waiting {
  readonly commit: Prepared;
  readonly bytes: number;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: CofferError) => void;
}

export interface QueueParts {
  readonly apply: (commits: readonly Prepared[]) => Promise<readonly CommitResult[]>;
  /** What became of a commit; `revision` where it was made. */
  readonly settled: (id: string, revision: number | undefined) => void;
  /** The process has one core. */
  readonly sharesCore: boolean;
  /** Nothing is under way or waiting. */
  readonly idle: () => void;
}

const prepared = (commit: Commit): Prepared => ({
  id: commit.id,
  checks: commit.checks ?? [],
  writes: commit.writes.map(({ key, value }) => ({ key, value: value === undefined ? undefined : Buffer.from(value) })),
  entry: packChange(commit),
});

export class CommitQueue {
  readonly #parts: QueueParts;
  readonly #holding: Holding;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isArmed = false;
  #isUnderWay = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#holding = new Holding(parts.sharesCore);
  }

  get isIdle(): boolean {
    return !this.#isUnderWay && this.#waiting.length === 0;
  }

  /** Throws where too much is waiting already. */
  add(commit: Commit, valueBytes: number): Promise<CommitResult> {
    if (this.#waitingBytes + valueBytes > waitingBytesLimit)
      throw new CofferError('storage_failed', 'The store is behind with its writes.', { retryAfterSeconds: 1 });
    const ready = prepared(commit);
    const bytes = valueBytes + ready.entry.length;
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit: ready, bytes, resolve, reject });
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#isUnderWay || this.#isArmed) return;
    if (this.#waiting.length === 0) return this.#parts.idle();
    this.#holding.release(this.#waiting.length, () => {
      if (this.#isUnderWay || this.#isArmed) return;
      this.#isArmed = true;
      setImmediate(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    this.#isArmed = false;
    this.#isUnderWay = true;
    const batch = this.#take();
    await this.#apply(batch);
    this.#isUnderWay = false;
    this.#holding.done(batch.length + this.#waiting.length);
    this.#arm();
  }

  #take(): readonly Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      if (count === batchCommitsLimit || (count > 0 && bytes + waiting.bytes > batchBytesLimit)) break;
      count++;
      bytes += waiting.bytes;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #apply(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#parts.apply(batch.map(({ commit }) => commit));
      batch.forEach(({ commit, resolve }, at) => {
        const result = results[at] as CommitResult;
        this.#parts.settled(commit.id, result.ok ? result.revision : undefined);
        resolve(result);
      });
    } catch (cause) {
      for (const { commit, reject } of batch) {
        this.#parts.settled(commit.id, undefined);
        reject(told(cause));
      }
    }
  }
}
