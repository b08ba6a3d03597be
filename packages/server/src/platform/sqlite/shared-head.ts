/**
 * How far a store has come, in memory that threads share. Two marks: the last commit that anybody could have *seen*, raised
 * by whoever reads it first, before anything is answered from it; and the last that is *settled*: the thread that commits
 * has been told, and what it keeps in memory has followed. Threads only ask whether these are what they were, so the low 32
 * bits of a revision are enough.
 */
const seen = 0;
const settled = 1;
const marks = 2;

export class SharedHead {
  readonly #cells: Int32Array<SharedArrayBuffer>;

  /** Over the memory of another thread's, or memory of its own. */
  constructor(memory = new SharedArrayBuffer(marks * Int32Array.BYTES_PER_ELEMENT)) {
    this.#cells = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#cells.buffer;
  }

  /** What was seen last. */
  now(): number {
    return Atomics.load(this.#cells, seen);
  }

  /** Whether that was seen last and is settled. What is settled was seen, so that the order of the questions makes it one. */
  isSettled(step: number): boolean {
    return Atomics.load(this.#cells, settled) === step && Atomics.load(this.#cells, seen) === step;
  }

  /** A commit of this revision can be seen. It never goes back. */
  saw(revision: number): void {
    this.#raise(seen, revision);
  }

  /** Everything up to this revision is settled. */
  settle(revision: number): void {
    this.#raise(seen, revision);
    this.#raise(settled, revision);
  }

  #raise(mark: number, revision: number): void {
    const next = revision | 0;
    for (let known = Atomics.load(this.#cells, mark); ((next - known) | 0) > 0; ) {
      const found = Atomics.compareExchange(this.#cells, mark, known, next);
      if (found === known) return;
      known = found;
    }
  }
}
