/**
 * Which commits are under way or were made lately, so that one handed in twice is made once. Ids are met once,
 * so they stand in tables of their own: a `Map` would make each of them a name of the whole process first.
 */
import type { CommitResult } from '../../contracts/storage.ts';

/** Ids kept: at least this many, at most twice as many, and those under way. */
export const idsKept = 8_192;
/** Hex digits that say where the cell of an id is, at each of its ends: one may be the same in all of them, or count. */
const placeDigits = 7;
const placeOf = (id: string): number =>
  Number.parseInt(id.slice(0, placeDigits), 16) ^ Number.parseInt(id.slice(-placeDigits), 16);

/** The revision of a commit that was made, or what will become of it. Undefined: it was refused and may be made. */
type Fate = number | Promise<CommitResult> | undefined;

/** Open addressing: never more than half full, nothing is ever taken out. */
class IdTable {
  readonly #ids: (string | undefined)[];
  readonly #fates: Fate[];
  readonly #room: number;
  #count = 0;

  constructor(room = idsKept) {
    this.#room = room;
    this.#ids = Array.from({ length: 2 * room });
    this.#fates = Array.from({ length: 2 * room });
  }

  get isFull(): boolean {
    return this.#count >= this.#room;
  }

  get(id: string): Fate {
    return this.#fates[this.#cellOf(id)];
  }

  has(id: string): boolean {
    return this.#ids[this.#cellOf(id)] !== undefined;
  }

  set(id: string, fate: Fate): void {
    const cell = this.#cellOf(id);
    if (this.#ids[cell] === undefined) this.#count++;
    this.#ids[cell] = id;
    this.#fates[cell] = fate;
  }

  *underWay(): Generator<readonly [id: string, fate: Fate]> {
    for (const [cell, fate] of this.#fates.entries()) {
      const id = this.#ids[cell];
      if (fate instanceof Promise && id !== undefined) yield [id, fate];
    }
  }

  /** The cell that holds the id, or the free one that would. */
  #cellOf(id: string): number {
    const cells = this.#ids.length;
    let cell = placeOf(id) % cells;
    for (let held = this.#ids[cell]; held !== undefined && held !== id; held = this.#ids[cell])
      cell = (cell + 1) % cells;
    return cell;
  }
}

export class RecentIds {
  #young = new IdTable();
  #old = new IdTable();

  add(id: string, revision: number): void {
    this.#set(id, revision);
  }

  /** What was committed is no longer there. */
  forget(): void {
    const outgoing = [this.#old, this.#young];
    this.#old = new IdTable();
    this.#young = withUnderWay(outgoing);
  }

  /** The answer of the commit with this id, where there is one; else that of `make`, called once. */
  once(id: string, make: () => Promise<CommitResult>): Promise<CommitResult> {
    const known = this.#young.get(id) ?? this.#old.get(id);
    if (typeof known === 'number') return Promise.resolve({ ok: true, revision: known });
    if (known !== undefined) return known;
    const made = make();
    this.#set(id, made);
    return made;
  }

  /** The commit is answered, with a revision where it was made. */
  settle(id: string, revision: number | undefined): void {
    if (this.#old.has(id) && !this.#young.has(id)) this.#old.set(id, revision);
    else this.#set(id, revision);
  }

  #set(id: string, fate: Fate): void {
    if (this.#young.isFull && !this.#young.has(id)) this.#turnOver();
    this.#young.set(id, fate);
  }

  #turnOver(): void {
    const outgoing = this.#old;
    this.#old = this.#young;
    this.#young = withUnderWay([outgoing]);
  }
}

/** A table of those that are under way, with room for as many more: who commits while a disk stands still may be many. */
const withUnderWay = (outgoing: readonly IdTable[]): IdTable => {
  const kept = outgoing.flatMap(table => [...table.underWay()]);
  const table = new IdTable(Math.max(idsKept, 2 * kept.length));
  for (const [id, fate] of kept) table.set(id, fate);
  return table;
};
