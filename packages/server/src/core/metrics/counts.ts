/**
 * How many requests were answered, of which mount, operation and class of status, and how long they took. The one place
 * where requests are counted: a few additions in arrays that are there already, no allocation for a request.
 *
 * Promises: every label comes from rows and mounts; what a caller sends never makes a label.
 */
import type { Exchange, Operation } from '../request/exchange.ts';

export const operations: readonly Operation[] = ['read', 'create', 'update', 'patch', 'delete', 'list', 'scan', 'help'];
export const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
/** Upper bounds in milliseconds; what took longer is only in the whole count. */
export const bucketBoundsMs: readonly number[] = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000, 30_000];
/** Mounts that are counted apart; the requests of all others are counted together. */
export const mountsLimit = 500;

/** Labels of requests that reached no mount, and of those of mounts past the limit. */
export const noMount = 'none';
export const otherMounts = 'other';

const place: ReadonlyMap<Operation, number> = new Map(operations.map((operation, index) => [operation, index]));
const newCounts = (): Float64Array => new Float64Array(operations.length * statusClasses.length);

export interface Counted {
  readonly operation: Operation;
  readonly statusClass: (typeof statusClasses)[number];
  readonly count: number;
}

export interface Durations {
  readonly count: number;
  readonly sumMs: number;
  /** As many as the bounds: how many took no longer. */
  readonly within: readonly number[];
}

/** What one thread has counted. */
export interface Counts {
  /** By the id of the mount, which no other mount ever gets. */
  readonly byMount: Map<string, Float64Array>;
  readonly noMount: Float64Array;
  readonly others: Float64Array;
  readonly buckets: Float64Array;
  /** Count and sum: in an array, where adding to a fraction makes no object. */
  readonly whole: Float64Array;
}

const nothingCounted = (): Counts => ({
  byMount: new Map(),
  noMount: newCounts(),
  others: newCounts(),
  buckets: new Float64Array(bucketBoundsMs.length),
  whole: new Float64Array(2),
});

const addTo = (target: Float64Array, more: Float64Array): void =>
  more.forEach((count, at) => {
    target[at] = (target[at] ?? 0) + count;
  });

export class AnswerCounts {
  #counts = nothingCounted();

  add({ mount, operation }: Exchange, status: number, tookMs: number): void {
    const counts = mount === undefined ? this.#counts.noMount : this.#of(mount.record.id);
    const at = (place.get(operation) ?? 0) * statusClasses.length + Math.floor(status / 100) - 1;
    counts[at] = (counts[at] ?? 0) + 1;
    this.#counts.whole[0] = (this.#counts.whole[0] ?? 0) + 1;
    this.#counts.whole[1] = (this.#counts.whole[1] ?? 0) + tookMs;
    for (let index = 0; index < bucketBoundsMs.length; index++) {
      if (tookMs > (bucketBoundsMs[index] ?? 0)) continue;
      this.#counts.buckets[index] = (this.#counts.buckets[index] ?? 0) + 1;
      return;
    }
  }

  #of(id: string): Float64Array {
    const known = this.#counts.byMount.get(id);
    if (known !== undefined) return known;
    if (this.#counts.byMount.size >= mountsLimit) return this.#counts.others;
    const made = newCounts();
    this.#counts.byMount.set(id, made);
    return made;
  }

  /** Of those mounts, and of what has none; what was counted of mounts that are gone is forgotten. */
  list(mounts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly Counted[]> {
    for (const id of this.#counts.byMount.keys()) if (!mounts.has(id)) this.#counts.byMount.delete(id);
    const named = [...this.#counts.byMount].map(([id, counts]) => [mounts.get(id) ?? otherMounts, counts] as const);
    const all = [...named, [noMount, this.#counts.noMount] as const, [otherMounts, this.#counts.others] as const];
    return new Map(all.map(([name, counts]) => [name, counted(counts)]));
  }

  /** What was counted since this was asked last; undefined where that is nothing. */
  take(): Counts | undefined {
    const taken = this.#counts;
    if (taken.whole[0] === 0) return undefined;
    this.#counts = nothingCounted();
    return taken;
  }

  /** What another thread has counted. */
  merge({ byMount, noMount: none, others, buckets, whole }: Counts): void {
    for (const [id, counts] of byMount) addTo(this.#of(id), counts);
    addTo(this.#counts.noMount, none);
    addTo(this.#counts.others, others);
    addTo(this.#counts.buckets, buckets);
    addTo(this.#counts.whole, whole);
  }

  durations(): Durations {
    let sum = 0;
    const within = Array.from(this.#counts.buckets, count => (sum += count));
    return { count: this.#counts.whole[0] ?? 0, sumMs: this.#counts.whole[1] ?? 0, within };
  }
}

const counted = (counts: Float64Array): readonly Counted[] =>
  operations.flatMap((operation, row) =>
    statusClasses.flatMap((statusClass, column) => {
      const count = counts[row * statusClasses.length + column] ?? 0;
      return count === 0 ? [] : [{ operation, statusClass, count }];
    }),
  );
