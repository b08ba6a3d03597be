/**
 * The way from a node to the storage that all nodes share. Everything takes time on it; requests get lost on the way there and
 * answers on the way back. As storages do, it looks up by its id a commit whose answer did not come, and says that the outcome
 * is unknown where it cannot find out in time.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type {
  ChangeOrGap,
  Commit,
  CommitResult,
  Moment,
  RangeEntry,
  RangeOptions,
  SharedStorage,
  Storage,
  Stored,
} from '@coffer/server/contracts/storage.ts';
import type { MemoryStorage } from '@coffer/server/platform/memory/store.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

const patienceMs = 1_000;
const lookUps = 5;
const fastestMs = 1;
/** Changes that are gone before they were told, in a hundred. */
const gapPercent = 3;

export interface Trouble {
  /** Requests do not arrive. */
  there: boolean;
  /** Answers do not arrive; what was asked for is done. */
  back: boolean;
  /** What is written is not told. */
  deaf: boolean;
  /** Longest way, in milliseconds. */
  slowestMs: number;
}

export const noTrouble = (): Trouble => ({ there: false, back: false, deaf: false, slowestMs: 4 });

interface Ends {
  readonly world: World;
  readonly machine: Machine;
  readonly storage: MemoryStorage;
}

export class Way implements Storage, SharedStorage {
  readonly #ends: Ends;
  trouble = noTrouble();

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  #delayMs(): number {
    return this.#ends.world.chance.between(fastestMs, this.trouble.slowestMs);
  }

  /** There, done, and back; or nothing, which the asker finds out by waiting. */
  #ask<T>(run: (storage: MemoryStorage) => T | Promise<T>): Promise<T> {
    const { world, machine, storage } = this.#ends;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const lost = (): void => reject(new CofferError('storage_failed', 'the storage did not answer'));
    const stopWaiting = machine.after(patienceMs, lost);
    world.after(this.#delayMs(), () => {
      if (this.trouble.there) return;
      void Promise.try(run, storage).then(
        value => this.#answer(() => (stopWaiting(), resolve(value))),
        (error: unknown) => this.#answer(() => (stopWaiting(), reject(error))),
      );
    });
    return promise;
  }

  #answer(tell: () => void): void {
    const { world, machine } = this.#ends;
    world.after(this.#delayMs(), () => {
      if (!this.trouble.back) machine.act(tell);
    });
  }

  get(key: string): Promise<Stored | undefined> {
    return this.#ask(storage => storage.get(key));
  }

  range(prefix: string, options?: RangeOptions): Promise<readonly RangeEntry[]> {
    return this.#ask(storage => storage.range(prefix, options));
  }

  async commit(commit: Commit): Promise<CommitResult> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#ask(storage => storage.commit(commit));
      } catch (cause) {
        if (attempt < lookUps) continue;
        throw new CofferError('storage_failed', 'whether it was written is not known', { cause });
      }
    }
  }

  moment(): Promise<Moment> {
    return this.#ask(storage => storage.moment());
  }

  async *changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
    const { machine, storage, world } = this.#ends;
    for await (const change of storage.changes(since, signal)) {
      await machine.arrive(this.#delayMs(), () => undefined);
      while (this.trouble.back || this.trouble.there || this.trouble.deaf)
        await machine.arrive(this.#delayMs() * 10, () => undefined);
      yield !('compacted' in change) && world.chance.hits(gapPercent) ? { compacted: change.revision + 1 } : change;
    }
  }
}
