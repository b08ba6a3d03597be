/**
 * The requests that wait for something now: a body, storage, audit. A request that is answered without waiting is never
 * among them, since nobody could have seen it, and costs nothing here. Nearly every request waits, if only for audit, so
 * they are linked to each other: a set would hash each of them in and out.
 */
import type { Exchange } from './exchange.ts';

/** As many connections as one listener takes. What comes on top is served, but not shown. */
export const inFlightLimit = 10_000;

export class InFlight {
  #oldest: Exchange | undefined;
  #youngest: Exchange | undefined;
  #count = 0;

  /** May be called again for the same request. */
  enter(exchange: Exchange): void {
    if (exchange.inFlight !== undefined || this.#count >= inFlightLimit) return;
    exchange.inFlight = { before: this.#youngest, after: undefined };
    if (this.#youngest?.inFlight === undefined) this.#oldest = exchange;
    else this.#youngest.inFlight.after = exchange;
    this.#youngest = exchange;
    this.#count++;
  }

  leave(exchange: Exchange): void {
    const own = exchange.inFlight;
    if (own === undefined) return;
    exchange.inFlight = undefined;
    if (own.before?.inFlight === undefined) this.#oldest = own.after;
    else own.before.inFlight.after = own.after;
    if (own.after?.inFlight === undefined) this.#youngest = own.before;
    else own.after.inFlight.before = own.before;
    this.#count--;
  }

  /** Oldest first. */
  list(): readonly Exchange[] {
    const all: Exchange[] = [];
    for (let at = this.#oldest; at !== undefined; at = at.inFlight?.after) all.push(at);
    return all;
  }

  get count(): number {
    return this.#count;
  }
}
