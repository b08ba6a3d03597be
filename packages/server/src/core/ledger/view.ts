/**
 * The storage as a thread sees it that only reads: what it finds is held against the ledger of the thread that writes, in memory that
 * both have. What differs is not judged here but refused, so that the other thread does the request; unless it is newer than
 * what is noted, as a commit can be seen before that thread is told of it.
 *
 * The other thread may move entries at the very moment. What is then missed here is refused as well; that a record is gone
 * is believed where neither has it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { RangeEntry, RangeOptions, Storage, Stored } from '../../contracts/storage.ts';
import type { HmacKey } from '../../platform/crypto/hash.ts';
import { type Deriving, derivedHmac } from '../barrier/derived-key.ts';
import { markOf as marksIn, recordOverheadBytes } from '../barrier/record.ts';
import { countIn } from '../barrier/write-ids.ts';
import { markOfStored } from './guard.ts';
import { ledgerPurpose } from './ledger.ts';
import { gone, type Mark, markOfId, nameOf, sameMark } from './mark.ts';
import { MarkTable } from './table.ts';

/** What the thread that writes tells the others of its ledger. */
export interface SharedLedger {
  readonly memory: SharedArrayBuffer;
  /** Of the key that names are hashed with. */
  readonly term: number;
  /** Of the commits that are made now. */
  readonly lane: Uint8Array;
}

export interface ViewParts {
  readonly storage: Storage;
  readonly covers: (key: string) => boolean;
  readonly keys: Deriving;
}

const uncertain = (): CofferError =>
  new CofferError('data_corrupt', 'This thread cannot tell whether a stored record is the newest.');

export class LedgerView implements Storage {
  readonly #parts: ViewParts;
  #shared: SharedLedger | undefined;
  #table: MarkTable | undefined;
  #hash: HmacKey | undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /** Undefined: nothing is handed out. */
  use(shared: SharedLedger | undefined): void {
    this.#hash?.wipe();
    this.#hash = undefined;
    this.#shared = shared;
    this.#table = shared && new MarkTable(undefined, shared.memory);
  }

  get(key: string): Stored | undefined | Promise<Stored | undefined> {
    const stored = this.#parts.storage.get(key);
    return stored instanceof Promise ? stored.then(late => this.#checked(key, late)) : this.#checked(key, stored);
  }

  async range(prefix: string, options?: RangeOptions): Promise<readonly RangeEntry[]> {
    const entries = await this.#parts.storage.range(prefix, options);
    if (options?.values !== false) for (const entry of entries) this.#checked(entry.key, entry);
    return entries;
  }

  changes(since: number, signal: AbortSignal): ReturnType<Storage['changes']> {
    return this.#parts.storage.changes(since, signal);
  }

  commit(...given: Parameters<Storage['commit']>): ReturnType<Storage['commit']> {
    return this.#parts.storage.commit(...given);
  }

  #checked(key: string, stored: Stored | undefined): Stored | undefined {
    if (this.#parts.covers(key) && !this.#isNewest(key, stored)) throw uncertain();
    return stored;
  }

  #isNewest(key: string, stored: Stored | undefined): boolean {
    const [table, hash] = [this.#table, (this.#hash ??= this.#newHash())];
    if (table === undefined || hash === undefined || table.isLeft) return false;
    if (stored !== undefined && stored.value.length < recordOverheadBytes) return true;
    const kept = table.get(nameOf(hash, key)) ?? gone;
    return sameMark(markOfStored(stored), kept) || (stored !== undefined && this.#isNewer(stored, kept));
  }

  /** Of the same lane, and counted higher than what is noted. */
  #isNewer({ value }: Stored, kept: Mark): boolean {
    const lane = this.#shared?.lane;
    const { writeId } = marksIn(value);
    const count = lane && countIn(lane, writeId);
    if (lane === undefined || count === undefined) return false;
    const noted = countOf(lane, kept);
    return noted === undefined || count > noted;
  }

  #newHash(): HmacKey | undefined {
    return this.#shared && derivedHmac(this.#parts.keys, ledgerPurpose, this.#shared.term);
  }
}

/** Of the commit with this mark, where it is of this lane: no lane counts to 2^48. */
const countOf = (lane: Uint8Array, { hi, lo }: Mark): number | undefined => {
  const zero = new Uint8Array(16);
  zero.set(lane);
  const base = markOfId(zero);
  const high = (hi ^ base.hi) >>> 0;
  return high < 2 ** 16 ? high * 2 ** 32 + ((lo ^ base.lo) >>> 0) : undefined;
};
