/**
 * Time as the storage tells it, so that all nodes agree when something ends. Between two words of the storage the monotonic
 * clock goes on from the last; before the first it is the machine's own.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { Answer } from './freshness.ts';

export class StorageClock implements Clock {
  readonly #own: Clock;
  /** What the time is beyond the monotonic clock. */
  #beyondMs: number;

  constructor(own: Clock) {
    this.#own = own;
    this.#beyondMs = own.now() - own.monotonic();
  }

  now(): number {
    return Math.floor(this.#own.monotonic() + this.#beyondMs);
  }

  monotonic(): number {
    return this.#own.monotonic();
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#own.after(delayMs, task);
  }

  /** It was said between the question and now: half-way, as far as can be known. */
  set({ timeMs, sentAtMs }: Pick<Answer, 'timeMs' | 'sentAtMs'>): void {
    this.#beyondMs = timeMs - (sentAtMs + this.#own.monotonic()) / 2;
  }
}
