/**
 * What a thread that only reads keeps in memory, in step with what another one commits. It is asked at the beginning of a
 * request whether everything up to a step is followed here, and at its end whether that is still the last step: what was
 * found in between is then what a single thread would have found, all of it at once. Otherwise it is thrown away, and
 * the thread that writes does the request.
 *
 * Nothing is waited for and nothing is told: the question costs two reads of shared memory, and who asks first after a commit
 * follows it.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Steps } from '../../contracts/steps.ts';
import type { ChangeOrGap } from '../../contracts/storage.ts';
import { reasonOf } from '../barrier/trouble.ts';
import { type Followed, type FollowerParts, renew, touchedBy } from '../nodes/follower.ts';

export interface InStepParts {
  readonly steps: Steps;
  readonly cache: FollowerParts['cache'];
  /** In the order in which one needs the other. */
  readonly followed: () => readonly Followed[];
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
}

const againMs = 100;
/** Nothing was followed yet: more than any history tells. */
const never = -1;

export class InStep {
  readonly #parts: InStepParts;
  #step = 0;
  /** Revision up to which everything is followed, or waits to be. */
  #applied = never;
  /** Undefined while nothing is held. */
  #followed: readonly Followed[] | undefined;
  /** What is made anew of records, one after the other. */
  #last: Promise<void> = Promise.resolve();
  #pending = 0;
  /** Counted up when all that is held is dropped: what waits for it is of no use any more. */
  #opening = 0;

  constructor(parts: InStepParts) {
    this.#parts = parts;
  }

  /** Before anything is read into memory: what is committed from now on will be followed. */
  begin(): void {
    this.stop();
    for (const change of this.#news()) this.#reached(change);
  }

  /** Everything was read into memory. */
  start(): void {
    this.#followed = this.#parts.followed();
  }

  /** Nothing is held any more. */
  stop(): void {
    this.#opening++;
    this.#followed = undefined;
    this.#applied = never;
    this.#pending = 0;
    this.#last = Promise.resolve();
  }

  /** The step that everything here is in; undefined where that cannot be said at once. Throws what reading the store throws. */
  current(): number | undefined {
    if (this.#followed === undefined) return undefined;
    if (this.#parts.steps.now() !== this.#step) this.#catchUp(this.#followed);
    return this.#pending === 0 && this.isStill(this.#step) ? this.#step : undefined;
  }

  /** Whether nothing was committed since. */
  isStill(step: number): boolean {
    return this.#followed !== undefined && this.#parts.steps.isSettled(step);
  }

  /** The step is read before the changes: what is committed in between is followed once more, and nothing is left out. */
  #news(): Iterable<ChangeOrGap> {
    const { steps } = this.#parts;
    this.#step = steps.now();
    return steps.changesAfter(this.#applied);
  }

  #reached(change: ChangeOrGap): void {
    this.#applied = 'compacted' in change ? change.compacted - 1 : change.revision;
  }

  /** Records are dropped at once, also while what is made of them still waits for its turn. */
  #catchUp(followed: readonly Followed[]): void {
    const { cache } = this.#parts;
    for (const change of this.#news()) {
      this.#reached(change);
      if ('compacted' in change) {
        cache.clear();
        this.#later(async () => {
          for (const one of followed) await one.renewed();
        });
      } else {
        cache.forget(change.keys, change.revision);
        const touched = touchedBy(followed, change);
        if (touched.length > 0) this.#later(() => renew(touched, change));
      }
    }
  }

  #later(work: () => Promise<void>): void {
    const opening = this.#opening;
    this.#pending++;
    this.#last = this.#last
      .then(() => this.#untilDone(work, opening))
      .then(() => {
        if (opening === this.#opening) this.#pending--;
      });
  }

  /** What cannot be made anew is tried again. Meanwhile nothing is in step, and the other thread does the work. */
  async #untilDone(work: () => Promise<void>, opening: number): Promise<void> {
    const { clock, log } = this.#parts;
    for (let isTold = false; opening === this.#opening; isTold = true) {
      try {
        return await work();
      } catch (error) {
        if (!isTold)
          log.write('warn', 'what was committed could not be followed; trying again', { error: reasonOf(error) });
      }
      await new Promise<void>(resolve => void clock.after(againMs, resolve));
    }
  }
}
