/**
 * Something that is looked at again and again, as long as it is wanted. One look is awaited before the next is asked for;
 * one that is under way when it is stopped, or begun anew, asks for none.
 */
import type { Clock } from '../contracts/clock.ts';

export interface RoundsParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly everyMs: number;
  /** Never rejects. */
  readonly look: () => Promise<void>;
}

export class Rounds {
  readonly #parts: RoundsParts;
  #stop: () => void = () => {};

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  /** The first look is after one interval. */
  start(): void {
    this.#stop();
    this.#soon();
  }

  stop(): void {
    this.#stop();
  }

  #soon(): void {
    const { clock, everyMs, look } = this.#parts;
    let isStopped = false;
    const cancel = clock.after(everyMs, () => {
      void look().finally(() => {
        if (!isStopped) this.#soon();
      });
    });
    this.#stop = () => {
      isStopped = true;
      cancel();
    };
  }
}
