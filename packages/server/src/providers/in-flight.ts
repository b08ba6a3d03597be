/**
 * Reads of one store on their way. Who asks for what is waiting to be asked shares the one question; what has been sent
 * already is not shared, since its answer may be older than the question. So a thousand who ask at once are two requests,
 * and nobody is given a value from before he asked.
 */
import { CofferError } from '@coffer/schema/errors.ts';

/** Requests to one store at the same time, and different ones that wait behind them. */
const sentLimit = 16;
const waitingLimit = 10_000;

export class InFlight<T> {
  readonly #waiting = new Map<string, Promise<T>>();
  readonly #sent = new Map<string, Promise<unknown>>();
  readonly #turns: (() => void)[] = [];
  #running = 0;

  /** Rejects with `quota_exceeded` where too many wait. */
  share(key: string, ask: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    if (this.#waiting.size >= waitingLimit) {
      return Promise.reject(new CofferError('quota_exceeded', 'too many reads wait for this store; try again later'));
    }
    const asked = this.#after(key, ask);
    this.#waiting.set(key, asked);
    return asked;
  }

  async #after(key: string, ask: () => Promise<T>): Promise<T> {
    await this.#sent.get(key);
    await this.#turn();
    this.#waiting.delete(key);
    const answer = ask();
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    this.#sent.set(key, settled);
    try {
      return await answer;
    } finally {
      if (this.#sent.get(key) === settled) this.#sent.delete(key);
      this.#done();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < sentLimit) this.#running += 1;
    else await new Promise<void>(resolve => this.#turns.push(resolve));
  }

  /** The turn goes to the next, so that nobody comes in between. */
  #done(): void {
    const next = this.#turns.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
