/**
 * The longest a request may take to be answered, for connections that have no deadlines of their own. Requests under
 * way are looked at once a second, so that none costs a timer of its own; a deadline is met up to two steps late, never early. All requests of a listener may take equally
 * long, so the first begun is the first due.
 */
import type { Clock } from '../contracts/clock.ts';
import type { Handle, WireAnswer, WireRequest } from '../contracts/wire.ts';
import { abandon } from './abandon.ts';

const stepMs = 1000;

interface UnderWay {
  readonly dueAtMs: number;
  readonly answer: (answer: WireAnswer) => void;
}

export interface Deadline {
  readonly seconds: number;
  /** The answer of a request that is late. */
  readonly late: () => WireAnswer;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #deadline: Deadline;
  /** Bounded by the requests the server takes in. */
  readonly #underWay = new Set<UnderWay>();
  /** Monotonic time as of the last step; no request is begun later than one step behind it. */
  #nowMs = 0;
  #isWatching = false;

  constructor(clock: Clock, deadline: Deadline) {
    this.#clock = clock;
    this.#deadline = deadline;
  }

  readonly handle =
    (handle: Handle): Handle =>
    request =>
      new Promise((done, failed) => {
        if (!this.#isWatching) this.#watch();
        let isAnswered = false;
        const late = (answer: WireAnswer): void => {
          isAnswered = true;
          done(answer);
        };
        const own: UnderWay = { dueAtMs: this.#nowMs + stepMs + this.#deadline.seconds * 1000, answer: late };
        this.#underWay.add(own);
        handle(untimed(request, () => this.#underWay.delete(own))).then(
          answer => {
            this.#underWay.delete(own);
            if (isAnswered) abandon(answer);
            else done(answer);
          },
          (cause: unknown) => {
            this.#underWay.delete(own);
            failed(cause);
          },
        );
      });

  #watch(): void {
    this.#isWatching = true;
    this.#nowMs = this.#clock.monotonic();
    this.#clock.after(stepMs, this.#step);
  }

  readonly #step = (): void => {
    this.#isWatching = false;
    const nowMs = this.#clock.monotonic();
    for (const own of this.#underWay) {
      if (own.dueAtMs > nowMs) break;
      this.#underWay.delete(own);
      own.answer(this.#deadline.late());
    }
    if (this.#underWay.size > 0) this.#watch();
  };
}

/** A body that is taken piece by piece takes as long as it takes. */
const untimed = (request: WireRequest, ended: () => void): WireRequest => ({
  method: request.method,
  rawTarget: request.rawTarget,
  headers: request.headers,
  peer: request.peer,
  body: limitBytes => request.body(limitBytes),
  pieces: limitBytes => {
    ended();
    return request.pieces(limitBytes);
  },
});
