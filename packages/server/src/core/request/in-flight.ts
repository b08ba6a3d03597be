/**
 * The requests that wait for something now: a body, storage, audit. A request that is answered without waiting is never
 * among them, since nobody could have seen it, and costs nothing here.
 */
import type { Exchange } from './exchange.ts';

/** As many connections as one listener takes. What comes on top is served, but not shown. */
export const inFlightLimit = 10_000;

export class InFlight {
  readonly #waiting = new Set<Exchange>();

  /** May be called again for the same request. */
  enter(exchange: Exchange): void {
    if (this.#waiting.size < inFlightLimit) this.#waiting.add(exchange);
  }

  leave(exchange: Exchange): void {
    this.#waiting.delete(exchange);
  }

  /** Oldest first. */
  list(): readonly Exchange[] {
    return [...this.#waiting];
  }

  get count(): number {
    return this.#waiting.size;
  }
}
