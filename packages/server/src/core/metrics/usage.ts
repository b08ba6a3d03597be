/**
 * How many tokens and leases there are. They are counted by walking their names in steps, which takes its time with many, so:
 * at most once in ten minutes, whoever asks in between hears the last count, and only the very first asker waits for one.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import { turn } from '../../platform/clock/turn.ts';
import { irrevocablePrefix, recordPrefix } from '../leases/lease.ts';
import { tokenPrefix } from '../tokens/store.ts';

export const usageEveryMs = 600_000;
const step = 1_000;

export interface Usage {
  readonly tokens: number;
  readonly leases: number;
  readonly irrevocableLeases: number;
}

export class UsageCounts {
  readonly #storage: MountStorage;
  readonly #clock: Clock;
  #last: Usage | undefined;
  #countedAtMs = -Infinity;
  #counting: Promise<Usage> | undefined;

  constructor(storage: MountStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  async current(): Promise<Usage> {
    const isDue = this.#clock.monotonic() - this.#countedAtMs >= usageEveryMs;
    if (this.#last !== undefined && !isDue) return this.#last;
    const counting = this.#count();
    if (this.#last === undefined) return counting;
    // Where it fails, as at a seal, the next asker begins anew.
    counting.catch(() => undefined);
    return this.#last;
  }

  /** Another store may be opened next. */
  unload(): void {
    this.#last = undefined;
    this.#counting = undefined;
    this.#countedAtMs = -Infinity;
  }

  #count(): Promise<Usage> {
    if (this.#counting !== undefined) return this.#counting;
    const counting = this.#walk();
    this.#counting = counting;
    const done = (): void => {
      if (this.#counting === counting) this.#counting = undefined;
    };
    counting.then(usage => {
      if (this.#counting !== counting) return;
      this.#last = usage;
      this.#countedAtMs = this.#clock.monotonic();
      done();
    }, done);
    return counting;
  }

  async #walk(): Promise<Usage> {
    return {
      tokens: await this.#below(tokenPrefix),
      leases: await this.#below(recordPrefix),
      irrevocableLeases: await this.#below(irrevocablePrefix),
    };
  }

  async #below(prefix: string): Promise<number> {
    let count = 0;
    let after: string | undefined;
    for (;;) {
      const from = after === undefined ? {} : { after };
      const found = await this.#storage.range(prefix, { ...from, limit: step, values: false });
      count += found.length;
      after = found.at(-1)?.key;
      if (found.length < step) return count;
      await turn();
    }
  }
}
