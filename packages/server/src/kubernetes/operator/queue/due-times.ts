/** Keys and when each is due, earliest first: a binary heap whose stale entries are left behind and skipped. */

interface Entry {
  readonly key: string;
  readonly atMs: number;
}

export class DueTimes {
  readonly #due = new Map<string, number>();
  #heap: Entry[] = [];

  get size(): number {
    return this.#due.size;
  }

  /** Keeps the earlier one where the key is due already. */
  set(key: string, atMs: number): void {
    const known = this.#due.get(key);
    if (known !== undefined && known <= atMs) return;
    this.#due.set(key, atMs);
    this.#push({ key, atMs });
    if (this.#heap.length > 2 * this.#due.size + 64) this.#rebuild();
  }

  delete(key: string): void {
    this.#due.delete(key);
  }

  /** When the first is due; undefined where none is. */
  first(): number | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#due.get(top.key) === top.atMs) return top.atMs;
      this.#pop();
    }
    return undefined;
  }

  /** Takes the first key that is due by then. */
  take(nowMs: number): string | undefined {
    const first = this.first();
    if (first === undefined || first > nowMs) return undefined;
    const entry = this.#pop();
    if (entry === undefined) return undefined;
    this.#due.delete(entry.key);
    return entry.key;
  }

  #rebuild(): void {
    this.#heap = [...this.#due].map(([key, atMs]) => ({ key, atMs })).toSorted((a, b) => a.atMs - b.atMs);
  }

  #push(entry: Entry): void {
    let at = this.#heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (this.#at(up) <= entry.atMs) break;
      this.#swap(at, up);
      at = up;
    }
  }

  #pop(): Entry | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined || this.#heap.length === 0) return top;
    this.#heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const least = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(least) >= last.atMs) return top;
      this.#swap(at, least);
      at = least;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
