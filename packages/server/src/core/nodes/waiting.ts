/** Those who wait until something holds, each for a bounded time. There are as many as the server takes requests in. */
import type { Clock } from '../../contracts/clock.ts';

interface Waiting {
  readonly holds: () => boolean;
  readonly end: (held: boolean) => void;
}

export class WaitingRoom {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<Waiting>();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Resolves with true as soon as it holds when `look` is called, with false after `limitMs`. */
  until(holds: () => boolean, limitMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise(resolve => {
      const stop = this.#clock.after(limitMs, () => one.end(false));
      const one: Waiting = {
        holds,
        end: held => {
          if (!this.#waiting.delete(one)) return;
          stop();
          resolve(held);
        },
      };
      this.#waiting.add(one);
    });
  }

  /** Something has changed. */
  look(): void {
    for (const one of this.#waiting) if (one.holds()) one.end(true);
  }
}
