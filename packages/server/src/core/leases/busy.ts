/**
 * Leases that an engine works on now: making, renewing and revoking one at the same time would leave behind what nobody
 * takes back. Only in memory: after a crash no engine is at work.
 */
export class BusyLeases {
  /** Bounded by the requests the server takes in and by what the worker does at once. */
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The answer, called once, lets it go; undefined where somebody else has it. */
  take(id: string): (() => void) | undefined {
    if (this.#ids.has(id)) return undefined;
    this.#ids.add(id);
    return () => void this.#ids.delete(id);
  }
}
