/**
 * Which writing of each record is the newest: a hash table from the name of a record to the mark of its commit, 16 bytes for each,
 * in memory that threads may share. Open addressing with linear probing; a record that goes leaves no trace (Knuth, TAOCP vol. 3,
 * 6.4, algorithm R). Entries lie in the order of their names' first bits, so that those of one bucket lie together.
 */
import { bucketBits, type Mark, type Name } from './mark.ts';

/** 32-bit words of an entry: name, mark. An entry without a mark is free. */
const words = 4;
const wordBytes = 4;
const entryBytes = words * wordBytes;
const firstBits = 13;
/** Of a hundred places as many may be taken. */
const fullPercent = 70;

export type Memory = ArrayBuffer | SharedArrayBuffer;

export interface TableParts {
  readonly allocate: (bytes: number) => Memory;
  /** The table has moved into other memory. */
  readonly moved: (memory: Memory) => void;
}

const alone: TableParts = { allocate: bytes => new ArrayBuffer(bytes), moved: () => {} };

export class MarkTable {
  readonly #parts: TableParts;
  #bits = firstBits;
  /** Behind the entries, one word that is 1 once the table has moved away. */
  #cells: Uint32Array;
  /** Of each entry in its place, whether it was met in this walk. */
  #seen: Uint8Array;
  #size = 0;

  /** `over`: the memory of another thread's table, which is only read here. */
  constructor(parts: TableParts = alone, over?: Memory) {
    this.#parts = parts;
    if (over !== undefined) this.#bits = Math.log2((over.byteLength - wordBytes) / entryBytes);
    [this.#cells, this.#seen] = this.#room(over);
  }

  get memory(): Memory {
    return this.#cells.buffer;
  }

  /** What is read here is old, or becomes old without being changed. */
  get isLeft(): boolean {
    return this.#cells[this.#cells.length - 1] === 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Undefined where there is no such record. */
  get(name: Name): Mark | undefined {
    const at = this.#find(name);
    return this.#isFree(at) ? undefined : this.#markAt(at);
  }

  has(name: Name, { hi, lo }: Mark): boolean {
    const at = this.#find(name) * words;
    return this.#cells[at + 2] === hi && this.#cells[at + 3] === lo;
  }

  /** `walk`: in which it counts as met. */
  set(name: Name, mark: Mark, walk: number): void {
    let at = this.#find(name);
    if (this.#isFree(at)) {
      if ((this.#size + 1) * 100 > 2 ** this.#bits * fullPercent) {
        this.#grow();
        at = this.#find(name);
      }
      this.#size++;
    }
    this.#put(at, [name.hi, name.lo, mark.hi, mark.lo], walk);
  }

  remove(name: Name): void {
    let hole = this.#find(name);
    if (this.#isFree(hole)) return;
    this.#size--;
    for (let at = this.#after(hole); !this.#isFree(at); at = this.#after(at)) {
      if (!this.#mayMove(at, hole)) continue;
      this.#cells.copyWithin(hole * words, at * words, (at + 1) * words);
      this.#seen[hole] = this.#seen[at] ?? 0;
      hole = at;
    }
    this.#cells.fill(0, hole * words, (hole + 1) * words);
  }

  /** The record is there in this walk. */
  meet(name: Name, walk: number): void {
    this.#seen[this.#find(name)] = walk;
  }

  /** Names of entries that were not met in this walk, at most `limit`. */
  notMet(walk: number, limit: number): readonly Name[] {
    const names: Name[] = [];
    for (let at = 0; at < this.#seen.length && names.length < limit; at++)
      if (!this.#isFree(at) && this.#seen[at] !== walk) names.push(this.#nameAt(at));
    return names;
  }

  /** Entries whose names begin with these bits. */
  bucket(number: number): readonly (readonly [Name, Mark])[] {
    const found: [Name, Mark][] = [];
    const places = 2 ** this.#bits;
    const first = number * 2 ** (this.#bits - bucketBits);
    const end = first + 2 ** (this.#bits - bucketBits);
    for (let step = first; step < first + places; step++) {
      const at = step % places;
      if (this.#isFree(at)) {
        if (step >= end) break;
        continue;
      }
      const name = this.#nameAt(at);
      if (bucketOf(name) === number) found.push([name, this.#markAt(at)]);
    }
    return found;
  }

  #room(over?: Memory): [Uint32Array, Uint8Array] {
    const places = 2 ** this.#bits;
    const memory = over ?? this.#parts.allocate(places * entryBytes + wordBytes);
    return [new Uint32Array(memory), new Uint8Array(over === undefined ? places : 0)];
  }

  #grow(): void {
    const [cells, seen] = [this.#cells, this.#seen];
    this.#bits++;
    [this.#cells, this.#seen] = this.#room();
    for (let at = 0; at < seen.length; at++) {
      const entry = cells.subarray(at * words, (at + 1) * words);
      const [hi = 0, lo = 0] = entry;
      if (entry[2] !== 0 || entry[3] !== 0) this.#put(this.#find({ hi, lo }), entry, seen[at] ?? 0);
    }
    this.#parts.moved(this.memory);
    cells[cells.length - 1] = 1;
  }

  #put(at: number, entry: ArrayLike<number>, seen: number): void {
    this.#cells.set(entry, at * words);
    this.#seen[at] = seen;
  }

  #home(hi: number): number {
    return hi >>> (32 - this.#bits);
  }

  #after(at: number): number {
    return (at + 1) & (2 ** this.#bits - 1);
  }

  /** Whether the entry would be found in the hole: its home is not between the two. */
  #mayMove(at: number, hole: number): boolean {
    const mask = 2 ** this.#bits - 1;
    const home = this.#home(this.#cells[at * words] ?? 0);
    return ((at - home) & mask) >= ((at - hole) & mask);
  }

  /** Its place, or the free one where it would be. */
  #find({ hi, lo }: Name): number {
    let at = this.#home(hi);
    // Bounded, as another thread may change what is read here.
    for (let step = 2 ** this.#bits; step > 0 && !this.#isFree(at); step--) {
      if (this.#cells[at * words] === hi && this.#cells[at * words + 1] === lo) break;
      at = this.#after(at);
    }
    return at;
  }

  #isFree(at: number): boolean {
    return this.#cells[at * words + 2] === 0 && this.#cells[at * words + 3] === 0;
  }

  #nameAt(at: number): Name {
    return { hi: this.#cells[at * words] ?? 0, lo: this.#cells[at * words + 1] ?? 0 };
  }

  #markAt(at: number): Mark {
    return { hi: this.#cells[at * words + 2] ?? 0, lo: this.#cells[at * words + 3] ?? 0 };
  }
}

export const bucketOf = ({ hi }: Name): number => hi >>> (32 - bucketBits);
