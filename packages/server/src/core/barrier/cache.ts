/**
 * Decrypted records in memory, by storage key, absent ones too. Promises:
 *
 * - Coherent: once a commit has resolved, none of its keys is served as it was before. While it is under way its keys are
 *   read from storage and what is read is not kept.
 * - Only what was asked for is kept: a commit replaces records that are held or being read, and adds none.
 * - Bounded: at most `limitBytes` as counted by `slotOf`; what was not asked for lately goes first.
 * - A hit is synchronous: one look-up in a map, or none for what is asked for beside another.
 */
import type { Entry, EntryWrite, KeyRange } from '../../contracts/engine.ts';
import type { CommitResult, RangeOptions } from '../../contracts/storage.ts';
import type { Found, RecordCommit, Records } from './records.ts';

export const defaultCacheBytes = 50_331_648;
/** Of a record in memory beside its bytes, by estimate: map slot, objects, buffer, decoded form. */
const overheadBytes = 768;

/**
 * A kept entry, or that there is none, and who is writing it. In one object: each one more is a trip to memory for every
 * hit. While it is being written its bytes do not count, it is not served, and it stays where it is.
 */
interface Slot extends Entry {
  readonly key: string;
  readonly absent: boolean;
  cost: number;
  /** Asked for since it last came up for eviction. */
  touched: boolean;
  /** Commits under way on the key. */
  writers: number;
  /** No second commit overlapped with the one under way. */
  alone: boolean;
  /** The newest revision in which somebody else is known to have changed the key while it was being written. */
  changedIn: number;
  /** Somebody has asked for the key: what is written is worth keeping. */
  wanted: boolean;
  /** The slot that is asked for after this one, and the one that this is asked for after: each knows the other. */
  next: Slot | undefined;
  before: Slot | undefined;
}

interface Reading {
  readonly found: Promise<Entry | undefined>;
}

const nothing = new Uint8Array(0);

/** `revision`: of one that is absent, in which it was removed. */
const slotOf = (key: string, entry: Entry | undefined, revision = 0): Slot => {
  const value = entry?.value ?? nothing;
  return {
    key,
    value,
    revision: entry?.revision ?? revision,
    memo: entry?.memo,
    absent: entry === undefined,
    cost: overheadBytes + key.length * 2 + value.length,
    touched: false,
    writers: 0,
    alone: true,
    changedIn: 0,
    wanted: true,
    next: undefined,
    before: undefined,
  };
};

const unlink = (slot: Slot): void => {
  if (slot.next !== undefined) slot.next.before = undefined;
  if (slot.before !== undefined) slot.before.next = undefined;
  slot.next = undefined;
  slot.before = undefined;
};

/** Where `before` was handed out by a cache. */
const link = (before: Partial<Slot> & Entry, next: Slot): void => {
  if (before.key === undefined || next.before === before) return;
  const known = before as Slot;
  if (known.next !== undefined) known.next.before = undefined;
  if (next.before !== undefined) next.before.next = undefined;
  known.next = next;
  next.before = known;
};

const entryOf = (slot: Slot): Entry | undefined => (slot.absent ? undefined : slot);

/** A window on something larger would keep all of it in memory. */
const owned = (value: Uint8Array): Uint8Array =>
  value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);

export class RecordCache implements Records {
  readonly #under: Records;
  readonly #limitBytes: number;
  readonly #slots = new Map<string, Slot>();
  readonly #readings = new Map<string, Reading>();
  #bytes = 0;
  #commits = 0;

  /** With 0 bytes nothing is kept. */
  constructor(under: Records, limitBytes: number) {
    this.#under = under;
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** That succeeded, by all who have it. */
  get commits(): number {
    return this.#commits;
  }

  get(key: string, beside?: Entry): Found {
    const slot = this.#found(key, beside);
    if (slot === undefined) return this.#miss(key);
    if (slot.writers > 0) return this.#written(slot);
    slot.touched = true;
    return entryOf(slot);
  }

  #found(key: string, beside: (Partial<Slot> & Entry) | undefined): Slot | undefined {
    if (beside?.next?.key === key) return beside.next;
    const slot = this.#slots.get(key);
    if (slot !== undefined && slot.writers === 0 && beside !== undefined) link(beside, slot);
    return slot;
  }

  /** Read from storage; a record that is cached in the same revision comes with its decoded form. */
  async range(prefix: string, options?: RangeOptions): Promise<readonly KeyRange[]> {
    const entries = await this.#under.range(prefix, options);
    if (options?.values === false) return entries;
    return entries.map(found => {
      const slot = this.#slots.get(found.key);
      return slot?.revision === found.revision ? { ...found, entry: entryOf(slot) } : found;
    });
  }

  /** The same records for who wants none of them kept. Coherent with the others: commits pass by here all the same. */
  get unkept(): Records {
    return {
      get: key => this.#under.get(key),
      range: (prefix, options) => this.#under.range(prefix, options),
      commit: changes => this.#commit(changes, false),
    };
  }

  commit(changes: RecordCommit): Promise<CommitResult> {
    return this.#commit(changes, true);
  }

  async #commit(changes: RecordCommit, keep: boolean): Promise<CommitResult> {
    const begun = changes.writes.map(({ key }) => this.#begin(key));
    let result: CommitResult | undefined;
    try {
      result = await this.#under.commit(changes);
      if (result.ok) this.#commits++;
      else this.#doubt(result.failed.key);
      return result;
    } finally {
      for (const [index, slot] of begun.entries()) this.#end(slot, changes.writes[index], keep ? result : undefined);
    }
  }

  /** It is not as who made the commit thought: what is kept of it may be old. */
  #doubt(key: string): void {
    this.#readings.delete(key);
    const slot = this.#slots.get(key);
    if (slot !== undefined && slot.writers === 0) this.#drop(slot);
  }

  /** Somebody changed these keys in this revision; what is kept of it, as of our own commits, or of a later one stays. */
  forget(keys: readonly string[], revision: number): void {
    for (const key of keys) {
      if (this.#readings.size > 0) this.#readings.delete(key);
      const slot = this.#slots.get(key);
      if (slot === undefined) continue;
      if (slot.writers > 0) slot.changedIn = Math.max(slot.changedIn, revision);
      else if (slot.revision < revision) this.#drop(slot);
    }
  }

  /** For sealing: what is being read or written now is not kept either. */
  clear(): void {
    for (const slot of this.#slots.values()) {
      if (slot.writers > 0) slot.alone = false;
      else this.#drop(slot);
    }
    this.#readings.clear();
  }

  #miss(key: string): Found {
    const reading = this.#readings.get(key);
    if (reading !== undefined) return reading.found;
    const found = this.#under.get(key);
    if (found instanceof Promise) return this.#await(key, found);
    return this.#keep(key, found);
  }

  #written(slot: Slot): Found {
    slot.wanted = true;
    return this.#under.get(slot.key);
  }

  /** Others who ask meanwhile join. Kept only where nobody wrote the key in between. */
  #await(key: string, found: Promise<Entry | undefined>): Promise<Entry | undefined> {
    const reading: Reading = {
      found: found.then(
        entry => {
          return this.#endReading(key, reading) ? this.#keep(key, entry) : entry;
        },
        (error: unknown) => {
          this.#endReading(key, reading);
          throw error;
        },
      ),
    };
    this.#readings.set(key, reading);
    return reading.found;
  }

  #endReading(key: string, reading: Reading): boolean {
    return this.#readings.get(key) === reading && this.#readings.delete(key);
  }

  /** What is being read of the key may be old by now. */
  #begin(key: string): Slot {
    const read = this.#readings.size > 0 && this.#readings.delete(key);
    const slot = this.#slots.get(key) ?? this.#claimed(key, read);
    if (slot.writers > 0) slot.alone = false;
    else if (slot.cost > 0) this.#withdraw(slot);
    slot.writers++;
    return slot;
  }

  /** A place for a key that nobody holds, so that it is known to be written. */
  #claimed(key: string, wanted: boolean): Slot {
    const slot = slotOf(key, undefined);
    slot.cost = 0;
    slot.wanted = wanted;
    this.#slots.set(key, slot);
    return slot;
  }

  #withdraw(slot: Slot): void {
    this.#bytes -= slot.cost;
    unlink(slot);
  }

  #end(slot: Slot, write: EntryWrite | undefined, result: CommitResult | undefined): void {
    if (--slot.writers > 0) return;
    const { key } = slot;
    const isNewest = slot.alone && result?.ok === true && result.revision >= slot.changedIn;
    if (write === undefined || !slot.wanted || !isNewest) {
      this.#slots.delete(key);
      return;
    }
    const { value, memo } = write;
    const { revision } = result;
    const next = slotOf(key, value && { value: owned(value), revision, memo }, revision);
    next.touched = slot.touched;
    this.#put(next);
  }

  #drop(slot: Slot): void {
    this.#slots.delete(slot.key);
    this.#withdraw(slot);
  }

  /** The answer is the entry to hand out: the kept one, where it is kept. */
  #keep(key: string, entry: Entry | undefined): Entry | undefined {
    const slot = slotOf(key, entry);
    return this.#put(slot) ? entryOf(slot) : entry;
  }

  /** In the place of one that is withdrawn, or where there is none. */
  #put(slot: Slot): boolean {
    if (slot.cost > this.#limitBytes) {
      this.#slots.delete(slot.key);
      return false;
    }
    this.#slots.set(slot.key, slot);
    this.#bytes += slot.cost;
    if (this.#bytes > this.#limitBytes) this.#evict();
    return true;
  }

  /** Second chance: the oldest goes, unless it was asked for since; then it is the youngest once more. */
  #evict(): void {
    for (const [key, slot] of this.#slots) {
      if (this.#bytes <= this.#limitBytes) return;
      if (slot.writers > 0) continue;
      if (slot.touched) {
        slot.touched = false;
        this.#slots.delete(key);
        this.#slots.set(key, slot);
      } else this.#drop(slot);
    }
  }
}
