/**
 * Group commit: what is handed in during one turn of the event loop, or while the thread writes the batch before, goes
 * to the thread as one batch and shares its fsync. One batch is under way at a time.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Commit, CommitResult } from '../../contracts/storage.ts';
import { Holding } from '../storage/holding.ts';
import { BatchBuffer } from './batch.ts';

/** A batch is closed when it has this many commits or bytes. */
const batchCommitsLimit = 2_048;
const batchBytesLimit = 33_554_432;
/** Bytes waiting beyond which commits are refused. */
const waitingBytesLimit = 536_870_912;

interface Waiting {
  readonly commit: Commit;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: CofferError) => void;
}

interface Batch {
  readonly packed: BatchBuffer;
  readonly waiting: Waiting[];
}

export interface PackedBatch {
  readonly buffer: ArrayBuffer;
  readonly length: number;
  readonly commits: number;
}

/** What became of a commit; `revision` where it was made. */
export type Settled = (id: string, revision: number | undefined) => void;

const resultOf = (commit: Commit, result: number): CommitResult => {
  if (result > 0) return { ok: true, revision: result };
  const failed = commit.checks?.[-1 - result];
  if (failed === undefined)
    throw new CofferError('internal', 'The writer of the store named a check that is not there.');
  return { ok: false, failed };
};

export interface GroupParts {
  readonly send: (batch: PackedBatch) => void;
  readonly settled: Settled;
  /** The thread shares its only core with this one. */
  readonly sharesCore: boolean;
}

export class CommitGroups {
  readonly #parts: GroupParts;
  readonly #closed: Batch[] = [];
  #open: Batch | undefined;
  #underWay: readonly Waiting[] | undefined;
  #waitingBytes = 0;
  #armed = false;
  readonly #holding: Holding;
  #recycled: ArrayBuffer | undefined;

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#holding = new Holding(parts.sharesCore);
  }

  get idle(): boolean {
    return this.#underWay === undefined && this.#open === undefined && this.#closed.length === 0;
  }

  /** Throws where too much is waiting already. */
  add(commit: Commit, valueBytes: number): Promise<CommitResult> {
    if (this.#waitingBytes + valueBytes > waitingBytesLimit) {
      throw new CofferError('storage_failed', 'The store is behind with its writes.', { retryAfterSeconds: 1 });
    }
    return new Promise((resolve, reject) => {
      const batch = (this.#open ??= this.#newBatch());
      const before = batch.packed.length;
      batch.packed.add(commit, valueBytes);
      batch.waiting.push({ commit, resolve, reject });
      this.#waitingBytes += batch.packed.length - before;
      if (batch.packed.length >= batchBytesLimit || batch.waiting.length >= batchCommitsLimit) this.#closeOpen();
      this.#arm();
    });
  }

  #newBatch(): Batch {
    const recycled = this.#recycled;
    this.#recycled = undefined;
    return { packed: new BatchBuffer(recycled), waiting: [] };
  }

  #closeOpen(): void {
    if (this.#open !== undefined) this.#closed.push(this.#open);
    this.#open = undefined;
  }

  #arm(): void {
    if (this.#armed || this.#underWay !== undefined) return;
    if (this.#open === undefined && this.#closed.length === 0) return;
    const waiting = this.#closed.length > 0 ? Infinity : (this.#open?.waiting.length ?? 0);
    this.#holding.release(waiting, () => this.#sendSoon());
  }

  #sendSoon(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      this.#sendNext();
    });
  }

  #sendNext(): void {
    if (this.#underWay !== undefined) return;
    if (this.#closed.length === 0) this.#closeOpen();
    const batch = this.#closed.shift();
    if (batch === undefined) return;
    const { packed, waiting } = batch;
    this.#waitingBytes -= packed.length;
    this.#underWay = waiting;
    this.#parts.send({ buffer: packed.buffer, length: packed.length, commits: waiting.length });
  }

  /** The batch under way was applied. `results` as the writer answers them. */
  applied(results: Float64Array, buffer: ArrayBuffer): void {
    const done = this.#takeUnderWay(buffer);
    done.forEach(({ commit, resolve }, i) => {
      const result = resultOf(commit, results[i] ?? 0);
      this.#parts.settled(commit.id, result.ok ? result.revision : undefined);
      resolve(result);
    });
    this.#arm();
  }

  /** Nothing of the batch under way was written. */
  refused(error: CofferError, buffer: ArrayBuffer): void {
    for (const waiting of this.#takeUnderWay(buffer)) this.#reject(waiting, error);
    this.#arm();
  }

  #takeUnderWay(buffer: ArrayBuffer): readonly Waiting[] {
    const taken = this.#underWay ?? [];
    this.#underWay = undefined;
    this.#recycled = buffer;
    this.#holding.done(taken.length + (this.#open?.waiting.length ?? 0));
    return taken;
  }

  /** Nothing will be written any more: all who wait are refused. */
  fail(error: CofferError): void {
    this.#closeOpen();
    const all = [...(this.#underWay ?? []), ...this.#closed.flatMap(({ waiting }) => waiting)];
    this.#underWay = undefined;
    this.#closed.length = 0;
    this.#waitingBytes = 0;
    for (const waiting of all) this.#reject(waiting, error);
  }

  #reject({ commit, reject }: Waiting, error: CofferError): void {
    this.#parts.settled(commit.id, undefined);
    reject(error);
  }
}
