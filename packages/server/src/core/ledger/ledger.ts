/**
 * The ledger in memory: for every record of the store, by whom it was written last. Whoever commits notes it here once the commit
 * is acknowledged; what was noted since the last page is laid down with the next.
 */
import type { HmacKey } from '../../platform/crypto/hash.ts';
import { buckets, gone, type Mark, type Name, nameOf, sameMark } from './mark.ts';
import { EntryBytes } from './pages.ts';
import { bucketOf, MarkTable } from './table.ts';

/** Of the key that names are hashed with. */
export const ledgerPurpose = 'coffer ledger';

/** Walks are numbered from 1. */
const notMet = 0;

export class Ledger {
  readonly table: MarkTable;
  readonly #hash: HmacKey;
  readonly #dirty = new Uint8Array(buckets);
  #changes = new EntryBytes();
  #notedMeanwhile: Set<string> | undefined;
  /** In which walk what is noted counts as met. */
  walk = 1;

  constructor(hash: HmacKey, table = new MarkTable()) {
    this.#hash = hash;
    this.table = table;
  }

  nameOf(key: string): Name {
    return nameOf(this.#hash, key);
  }

  markOf(key: string): Mark {
    return this.table.get(this.nameOf(key)) ?? gone;
  }

  /** `gone`: it was removed. */
  note(key: string, mark: Mark): void {
    this.#notedMeanwhile?.add(key);
    this.noteName(this.nameOf(key), mark);
  }

  noteName(name: Name, mark: Mark): void {
    this.#changes.add(name, mark);
    this.#dirty[bucketOf(name)] = 1;
    this.#set(name, mark, this.walk);
  }

  /** What is noted from now on is newer than what is learnt. */
  beginLearning(): void {
    this.#notedMeanwhile = new Set();
  }

  learn(key: string, mark: Mark): void {
    if (this.#notedMeanwhile?.has(key) !== true) this.replay(this.nameOf(key), mark);
  }

  endLearning(): void {
    this.#notedMeanwhile = undefined;
  }

  /** As a page says: no walk has met it. */
  replay(name: Name, mark: Mark): void {
    this.#dirty[bucketOf(name)] = 1;
    this.#set(name, mark, notMet);
  }

  /** As a bucket says. */
  restore(name: Name, mark: Mark): void {
    this.#set(name, mark, notMet);
  }

  #set(name: Name, mark: Mark, walk: number): void {
    if (sameMark(mark, gone)) this.table.remove(name);
    else this.table.set(name, mark, walk);
  }

  /** What was noted since the last call. */
  takeChanges(): Uint8Array {
    const { bytes } = this.#changes;
    this.#changes = new EntryBytes();
    return bytes;
  }

  isDirty(bucket: number): boolean {
    return this.#dirty[bucket] === 1;
  }

  setDirty(bucket: number, isDirty: boolean): void {
    this.#dirty[bucket] = isDirty ? 1 : 0;
  }

  get hasChanges(): boolean {
    return this.#changes.length > 0;
  }

  /** Says which keys a commit removed, for who finds them gone and the page that tells of it missing. */
  removalsMac(id: string, keys: readonly string[]): Uint8Array {
    return this.#hash.bytes(JSON.stringify([id, ...keys]));
  }

  wipe(): void {
    this.#hash.wipe();
  }
}
