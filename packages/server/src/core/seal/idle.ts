/** Ends what nobody went on with. */
import type { Clock } from '../../contracts/clock.ts';

/** Shares come from people, perhaps in several time zones, but do not lie in memory for ever. */
export const idleMs = 3_600_000;

export class IdleTimer {
  readonly #clock: Clock;
  readonly #end: () => void;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, end: () => void) {
    this.#clock = clock;
    this.#end = end;
  }

  /** Counts from now on. */
  restart(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(idleMs, this.#end);
  }

  stop(): void {
    this.#cancel();
  }
}
