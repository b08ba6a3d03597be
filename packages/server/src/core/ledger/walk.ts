/**
 * A walk through all records, a few at a time, that holds each against the ledger: what was put back is found though nobody reads it,
 * and what is gone though nobody asks for it. It begins anew when it has come to the end.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type { RangeEntry, Storage } from '../../contracts/storage.ts';
import { type RecordPage, recordsAfter } from './all-records.ts';
import { type Guard, markOfStored } from './guard.ts';
import type { Ledger } from './ledger.ts';
import { gone, sameMark } from './mark.ts';

export interface WalkParts {
  readonly guard: Guard;
  readonly ledger: Ledger;
  readonly storage: Storage;
  readonly covers: (key: string) => boolean;
  readonly log: Log;
}

/** Walks are numbered round in a byte. */
const numbers = 255;
const missingLimit = 1_000_000;

export class Walk {
  readonly #parts: WalkParts;
  #after: string | undefined;
  #ends = 0;
  #missing = 0;

  constructor(parts: WalkParts) {
    this.#parts = parts;
  }

  /** How often it has come to the end. */
  get ends(): number {
    return this.#ends;
  }

  /** Records that were gone when it last came to the end. */
  get missing(): number {
    return this.#missing;
  }

  /** A step. Answers how many records it has looked at. */
  async step(): Promise<number> {
    const page = await this.#page();
    for (const record of page.records) if (this.#parts.covers(record.key)) await this.#look(record);
    this.#after = page.last;
    if (page.last === undefined) this.#end();
    return page.records.length;
  }

  /** From the beginning to the end: what differs is taken as it is. */
  async accept(): Promise<void> {
    const { ledger, guard } = this.#parts;
    this.#begin();
    let page: RecordPage;
    do {
      page = await this.#page();
      for (const record of page.records) if (this.#parts.covers(record.key)) await this.#take(record);
      this.#after = page.last;
    } while (page.last !== undefined);
    for (const name of ledger.table.notMet(ledger.walk, missingLimit)) ledger.noteName(name, gone);
    this.#missing = 0;
    this.#begin();
    guard.use(ledger);
  }

  #page(): Promise<RecordPage> {
    return recordsAfter(this.#parts.storage, this.#after);
  }

  #begin(): void {
    const { ledger } = this.#parts;
    this.#after = undefined;
    ledger.walk = (ledger.walk % numbers) + 1;
  }

  /** Whether it is the newest; one that is not was told of. */
  async #look({ key }: RangeEntry): Promise<boolean> {
    const { guard, ledger } = this.#parts;
    try {
      await guard.verify(key);
      return true;
    } catch (cause) {
      if (!(cause instanceof CofferError) || (cause.code !== 'data_corrupt' && cause.code !== 'conflict')) throw cause;
      return false;
    } finally {
      ledger.table.meet(ledger.nameOf(key), ledger.walk);
    }
  }

  async #take(record: RangeEntry): Promise<void> {
    if (await this.#look(record)) return;
    const { ledger, storage } = this.#parts;
    const stored = await storage.get(record.key);
    const mark = markOfStored(stored);
    if (!sameMark(mark, ledger.markOf(record.key))) ledger.note(record.key, mark);
  }

  #end(): void {
    const { ledger, log, guard } = this.#parts;
    const missing = ledger.table.notMet(ledger.walk, missingLimit).length;
    if (missing > this.#missing) {
      log.write('error', 'stored records are gone, and nobody removed them', { records: missing });
      guard.refusing();
    }
    this.#missing = missing;
    this.#ends++;
    this.#begin();
  }
}
