/**
 * How often a Secret is mended that others change: so many times in a row, then so many a minute. Two who write the same
 * Secret would otherwise keep each other, and the API server, busy for ever.
 */
const inRow = 10;
const everyMs = 10_000;

interface Left {
  readonly mends: number;
  readonly atMs: number;
}

export class Mends {
  readonly #left = new Map<string, Left>();

  isSpent(key: string, nowMs: number): boolean {
    return this.#now(key, nowMs) < 1;
  }

  took(key: string, nowMs: number): void {
    this.#left.set(key, { mends: this.#now(key, nowMs) - 1, atMs: nowMs });
  }

  forget(key: string): void {
    this.#left.delete(key);
  }

  #now(key: string, nowMs: number): number {
    const left = this.#left.get(key);
    return left === undefined ? inRow : Math.min(inRow, left.mends + Math.max(0, nowMs - left.atMs) / everyMs);
  }
}

/** When one that is spent may be mended again. */
export const mendAgainMs = everyMs;
