/**
 * The deadlines of all connections of a listener, looked at once a second: a request costs no timer of its own.
 * A deadline is met up to one step late, never early.
 */
import type { Clock } from '../contracts/clock.ts';
import { Members } from './members.ts';

export const stepMs = 1000;

export class Sweep {
  readonly members = new Members();
  readonly #clock: Clock;
  #now = 0;
  #cancel: () => void;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#now = clock.monotonic();
    this.#cancel = clock.after(stepMs, this.#step);
  }

  /** The deadline `delayMs` from here. */
  in(delayMs: number): number {
    return this.#now + stepMs + delayMs;
  }

  stop(): void {
    this.#cancel();
  }

  readonly #step = (): void => {
    this.#now = this.#clock.monotonic();
    for (const member of this.members) {
      if (member.deadline <= this.#now) member.expired();
    }
    this.#cancel = this.#clock.after(stepMs, this.#step);
  };
}
