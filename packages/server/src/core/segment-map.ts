/**
 * Things by a segment of a path. A text just cut from a path is dear to look up, and most paths go the way of the one
 * before, so the segment found last is compared in place first.
 */
export interface Cut {
  readonly from: number;
  readonly end: number;
}

export class SegmentMap<T> {
  readonly #all = new Map<string, T>();
  #recent: { readonly segment: string; readonly value: T } | undefined;

  get size(): number {
    return this.#all.size;
  }

  get(segment: string): T | undefined {
    return this.#all.get(segment);
  }

  set(segment: string, value: T): void {
    this.#recent = undefined;
    this.#all.set(segment, value);
  }

  /** What stands at the segment of `path` between `from` and `end`. */
  at(path: string, { from, end }: Cut): T | undefined {
    if (this.#all.size === 0) return undefined;
    const recent = this.#recent;
    if (recent !== undefined && recent.segment.length === end - from && path.startsWith(recent.segment, from))
      return recent.value;
    const segment = path.slice(from, end);
    const value = this.#all.get(segment);
    if (value !== undefined) this.#recent = { segment, value };
    return value;
  }
}
