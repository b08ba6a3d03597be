/** The `Date:` line (RFC 9110 §5.6.7), made once a second. */
import type { Clock } from '../contracts/clock.ts';

export class DateLine {
  readonly #clock: Clock;
  #second = Number.NaN;
  #line = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(): string {
    const second = Math.floor(this.#clock.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#line = `Date: ${new Date(second * 1000).toUTCString()}\r\n`;
    }
    return this.#line;
  }
}
