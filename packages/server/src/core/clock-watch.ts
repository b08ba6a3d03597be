/**
 * Watches the wall clock against the monotonic one. Expired tokens are cleared by the wall clock and do not come back, so
 * nothing is cleared while that clock is in doubt: after a jump, until it agrees again, somebody vouches for it, or it has
 * kept to its new time for a day. A token past its end is refused all the same; that ends with the jump.
 */
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';

const jumpMs = 60_000;
const doubtMs = 86_400_000;

export class ClockWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Wall minus monotonic time as last trusted; follows slow corrections. */
  #trustedMs = 0;
  #inDoubtSinceMs: number | undefined;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.vouch();
  }

  /** The wall clock is right as it is: the store was just opened, or an operator says so. */
  vouch(): void {
    this.#trustedMs = this.#offsetMs();
    this.#inDoubtSinceMs = undefined;
  }

  /** Looks, and says whether what is past its end may be cleared. To be asked once a second. */
  trusted(): boolean {
    const awayMs = this.#offsetMs() - this.#trustedMs;
    if (Math.abs(awayMs) <= jumpMs) {
      if (this.#inDoubtSinceMs !== undefined)
        this.#log.write('warn', 'the clock agrees again: expired tokens are cleared as before');
      this.vouch();
      return true;
    }
    const nowMs = this.#clock.monotonic();
    if (this.#inDoubtSinceMs === undefined) {
      this.#inDoubtSinceMs = nowMs;
      this.#log.write('error', alarm, { jumpSeconds: Math.round(awayMs / 1000) });
    }
    if (nowMs - this.#inDoubtSinceMs < doubtMs) return false;
    this.#log.write('warn', 'the clock has kept to its new time for a day: it is taken for right');
    this.vouch();
    return true;
  }

  #offsetMs(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }
}

const alarm =
  'the wall clock jumped: expired tokens are not cleared until it agrees again; if it is right now, clear them with auth/token/tidy';
