/**
 * Whether a history of one object can be put in a row: each operation at one moment between its call and its return, so that
 * each did what the object, asked in that row, would have done (Wing and Gong, 1993; states seen before are not searched again,
 * as Lowe does, 2017).
 */
export interface Operation<S> {
  readonly calledMs: number;
  /** Infinity: it never returned, and may take effect at any time, or never. */
  readonly returnedMs: number;
  /** The state after it; undefined where it cannot have happened in this state as it was told. */
  readonly apply: (state: S) => S | undefined;
}

const hasReturned = ({ returnedMs }: { readonly returnedMs: number }): boolean => returnedMs < Infinity;

class Search<S> {
  readonly #operations: readonly Operation<S>[];
  readonly #seen = new Set<string>();

  constructor(operations: readonly Operation<S>[]) {
    this.#operations = operations.toSorted((one, other) => one.calledMs - other.calledMs);
  }

  from(state: S, done: bigint): boolean {
    const place = `${done}|${JSON.stringify(state)}`;
    if (this.#seen.has(place)) return false;
    this.#seen.add(place);
    const left = this.#operations.filter((_, index) => (done & (1n << BigInt(index))) === 0n);
    if (!left.some(hasReturned)) return true;
    const firstReturnMs = Math.min(...left.map(({ returnedMs }) => returnedMs));
    return this.#operations.some((operation, index) => {
      const bit = 1n << BigInt(index);
      if ((done & bit) !== 0n || operation.calledMs > firstReturnMs) return false;
      const next = operation.apply(state);
      return next !== undefined && this.from(next, done | bit);
    });
  }
}

export const isLinearizable = <S>(operations: readonly Operation<S>[], initial: S): boolean =>
  new Search(operations).from(initial, 0n);
