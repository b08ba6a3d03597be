/**
 * The connections of a listener, counted by where they come from. Promises: leaving twice counts once, so the counts
 * are what is open now.
 */

/** The deadline of one that the clock never ends. */
export const never = Number.POSITIVE_INFINITY;
/** The deadline of one that is watched by its own timer: it makes room as the last. */
export const watched = Number.MAX_VALUE;

export interface Timed {
  /** What the bound for each address counts it under; empty where it has no address. */
  readonly origin: string;
  /** Nothing was asked that is not answered. */
  readonly isIdle: boolean;
  /** It may be ended to make room. One that waits for the server may not, whatever time it has left. */
  readonly waitsForClient: boolean;
  /** On the sweep's own count; `never` where nothing is awaited. */
  deadline: number;
  expired(): void;
  /** Ends it after what was already written. */
  close(): void;
  /** Ends it at once, and leaves the members. */
  destroy(): void;
}

export class Members {
  readonly #all = new Set<Timed>();
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#all.size;
  }

  countOf(origin: string): number {
    return this.#counts.get(origin) ?? 0;
  }

  add(member: Timed): void {
    this.#all.add(member);
    this.#counts.set(member.origin, this.countOf(member.origin) + 1);
  }

  delete(member: Timed): void {
    if (!this.#all.delete(member)) return;
    const left = this.countOf(member.origin) - 1;
    if (left === 0) this.#counts.delete(member.origin);
    else this.#counts.set(member.origin, left);
  }

  [Symbol.iterator](): Iterator<Timed> {
    return this.#all.values();
  }
}
