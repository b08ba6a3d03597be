/** What tests of barrier and seals stand on: a clock that is turned by hand, and a storage whose commits can be cut off. */
import { realRandom } from '@coffer/server/platform/random/real.ts';
import type { Clock } from '@coffer/server/contracts/clock.ts';
import type { Commit, CommitResult, RangeOptions, Storage } from '@coffer/server/contracts/storage.ts';
import { Barrier } from '@coffer/server/core/barrier/barrier.ts';
import type { BarrierPorts } from '@coffer/server/core/barrier/key-holder.ts';

export class TestClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  readonly #tasks = new Set<{ readonly atMs: number; readonly task: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  turn(ms: number): void {
    this.#nowMs += ms;
    for (const entry of this.#tasks) if (entry.atMs <= this.#nowMs && this.#tasks.delete(entry)) entry.task();
  }

  get waiting(): number {
    return this.#tasks.size;
  }
}

export class Crash extends Error {}

/** Everything reaches `under` until commit number `at` (from 0), which fails before or after it was applied; then nothing. */
export class CrashingStorage implements Storage {
  readonly #under: Storage;
  readonly #at: number;
  readonly #when: 'before' | 'after';
  commits = 0;

  constructor(under: Storage, at: number, when: 'before' | 'after') {
    this.#under = under;
    this.#at = at;
    this.#when = when;
  }

  get crashed(): boolean {
    return this.commits > this.#at;
  }

  get(key: string): ReturnType<Storage['get']> {
    if (this.crashed) throw new Crash('crashed');
    return this.#under.get(key);
  }

  range(prefix: string, options?: RangeOptions): ReturnType<Storage['range']> {
    if (this.crashed) throw new Crash('crashed');
    return this.#under.range(prefix, options);
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const number = this.commits++;
    if (number > this.#at || (number === this.#at && this.#when === 'before')) throw new Crash('crashed');
    const result = await this.#under.commit(commit);
    if (number === this.#at) throw new Crash('crashed');
    return result;
  }

  changes(since: number, signal: AbortSignal): ReturnType<Storage['changes']> {
    return this.#under.changes(since, signal);
  }
}

export interface Bed extends BarrierPorts {
  readonly clock: TestClock;
  readonly fatals: string[];
}

export const bedOver = (storage: Storage, clock = new TestClock()): Bed => {
  const fatals: string[] = [];
  return { storage, clock, random: realRandom(), fatals, fatal: reason => fatals.push(reason) };
};

export const rootKeyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** An initialised, open barrier; its root key is 32 times `byte`. */
export const openBarrier = async (bed: BarrierPorts, byte = 7): Promise<Barrier> => {
  const barrier = new Barrier(bed);
  await barrier.init(rootKeyOf(byte), () => []);
  await barrier.unseal(rootKeyOf(byte));
  return barrier;
};
