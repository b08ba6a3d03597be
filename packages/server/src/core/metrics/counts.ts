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

export class AnswerCounts {
  /** By the id of the mount, which no other mount ever gets. */
  readonly #byMount = new Map<string, Float64Array>();
  readonly #noMount = newCounts();
  readonly #others = newCounts();
  readonly #buckets = new Float64Array(bucketBoundsMs.length);
  /** Count and sum: in an array, where adding to a fraction makes no object. */
  readonly #whole = new Float64Array(2);

  add({ mount, operation }: Exchange, status: number, tookMs: number): void {
    const counts = mount === undefined ? this.#noMount : this.#of(mount.record.id);
    const at = (place.get(operation) ?? 0) * statusClasses.length + Math.floor(status / 100) - 1;
    counts[at] = (counts[at] ?? 0) + 1;
    this.#whole[0] = (this.#whole[0] ?? 0) + 1;
    this.#whole[1] = (this.#whole[1] ?? 0) + tookMs;
    for (let index = 0; index < bucketBoundsMs.length; index++) {
      if (tookMs > (bucketBoundsMs[index] ?? 0)) continue;
      this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
      return;
    }
  }

  #of(id: string): Float64Array {
    const known = this.#byMount.get(id);
    if (known !== undefined) return known;
    if (this.#byMount.size >= mountsLimit) return this.#others;
    const made = newCounts();
    this.#byMount.set(id, made);
    return made;
  }

  /** Of those mounts, and of what has none; what was counted of mounts that are gone is forgotten. */
  list(mounts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly Counted[]> {
    for (const id of this.#byMount.keys()) if (!mounts.has(id)) this.#byMount.delete(id);
    const named = [...this.#byMount].map(([id, counts]) => [mounts.get(id) ?? otherMounts, counts] as const);
    const all = [...named, [noMount, this.#noMount] as const, [otherMounts, this.#others] as const];
    return new Map(all.map(([name, counts]) => [name, counted(counts)]));
  }

  durations(): Durations {
    let sum = 0;
    const within = Array.from(this.#buckets, count => (sum += count));
    return { count: this.#whole[0] ?? 0, sumMs: this.#whole[1] ?? 0, within };
  }
}

const counted = (counts: Float64Array): readonly Counted[] =>
  operations.flatMap((operation, row) =>
    statusClasses.flatMap((statusClass, column) => {
      const count = counts[row * statusClasses.length + column] ?? 0;
      return count === 0 ? [] : [{ operation, statusClass, count }];
    }),
  );
