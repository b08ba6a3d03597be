/**
 * Follows what is written to the storage, by this node and by others, and makes everything that is held in memory follow:
 * records that are kept are dropped, what was made of records is made anew. Promises: once `reached` was told a revision,
 * nothing of what is served from memory is older. Nothing is passed over: where something cannot be made anew it is tried
 * again, and the node serves nothing meanwhile, as it cannot show that it is current.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Change, Storage } from '../../contracts/storage.ts';
import { reasonOf } from '../barrier/trouble.ts';

/** Something that is held in memory and made of records. */
export interface Followed {
  /** Whole storage keys start so: of the records it is made of. */
  readonly prefixes: readonly string[];
  /** These records have changed in this revision. What is in memory already may be as new or newer. */
  changed(keys: readonly string[], revision: number): Promise<void> | void;
  /** Any of its records may have changed. */
  renewed(): Promise<void> | void;
}

export interface FollowerParts {
  readonly storage: Pick<Storage, 'changes'>;
  readonly cache: { forget(keys: readonly string[], revision: number): void; clear(): void };
  /** In the order in which one needs the other. */
  readonly followed: readonly Followed[];
  readonly clock: Clock;
  readonly log: Log;
  readonly reached: (revision: number) => void;
}

const againMs = 100;

/** Those that are made of what the change wrote. */
export const touchedBy = (followed: readonly Followed[], { keys }: Change): readonly Followed[] =>
  followed.filter(({ prefixes }) => prefixes.some(prefix => keys.some(key => key.startsWith(prefix))));

/** Makes them follow, one after the other. */
export const renew = async (touched: readonly Followed[], { keys, revision }: Change): Promise<void> => {
  for (const one of touched) {
    const own = keys.filter(key => one.prefixes.some(prefix => key.startsWith(prefix)));
    await one.changed(own, revision);
  }
};

export class Follower {
  readonly #parts: FollowerParts;
  #stop = new AbortController();
  #applied = 0;
  /** Told once for each trouble. */
  #isInTrouble = false;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** From behind revision `since`: everything that is held was read after it. */
  start(since: number): void {
    this.stop();
    this.#applied = since;
    this.#parts.reached(since);
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        if (!signal.aborted) this.#tell(error);
      }
      if (!signal.aborted) await new Promise<void>(resolve => void this.#parts.clock.after(againMs, resolve));
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for await (const change of this.#parts.storage.changes(this.#applied, signal)) {
      if (signal.aborted) return;
      if ('compacted' in change) await this.#applyAll();
      else {
        const applying = this.#apply(change);
        if (applying !== undefined) await applying;
      }
      if (signal.aborted) return;
      this.#applied = 'compacted' in change ? change.compacted - 1 : change.revision;
      this.#isInTrouble = false;
      this.#parts.reached(this.#applied);
    }
  }

  #apply(change: Change): Promise<void> | undefined {
    const { cache, followed } = this.#parts;
    cache.forget(change.keys, change.revision);
    const touched = touchedBy(followed, change);
    return touched.length === 0 ? undefined : renew(touched, change);
  }

  /** What was written is not known any more. */
  async #applyAll(): Promise<void> {
    const { cache, followed } = this.#parts;
    cache.clear();
    for (const one of followed) await one.renewed();
  }

  #tell(error: unknown): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#parts.log.write('warn', 'what other nodes wrote could not be followed; trying again', {
      error: reasonOf(error),
    });
  }
}
