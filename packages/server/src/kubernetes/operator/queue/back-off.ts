/** How long a key that failed waits: twice as long after each failure in a row, up to a bound, less some jitter. */
export interface BackOffBounds {
  readonly firstMs: number;
  readonly limitMs: number;
}

/** A store that is back, or a changed object, is told of: this is for what nobody tells. */
export const reconcileBackOff: BackOffBounds = { firstMs: 500, limitMs: 300_000 };

/** Doublings after which the bound is reached for certain. */
const doublingsLimit = 30;
/** The most that is taken off, so that what failed together does not come again together. */
const jitterShare = 0.2;

export class BackOff {
  readonly #bounds: BackOffBounds;
  readonly #fraction: () => number;
  readonly #failures = new Map<string, number>();

  /** `fraction` draws from [0, 1). */
  constructor(bounds: BackOffBounds, fraction: () => number) {
    this.#bounds = bounds;
    this.#fraction = fraction;
  }

  /** Counts a failure; answers the wait in milliseconds. */
  failed(key: string): number {
    const failures = Math.min((this.#failures.get(key) ?? 0) + 1, doublingsLimit);
    this.#failures.set(key, failures);
    const waitMs = Math.min(this.#bounds.firstMs * 2 ** (failures - 1), this.#bounds.limitMs);
    return Math.round(waitMs * (1 - jitterShare * this.#fraction()));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
