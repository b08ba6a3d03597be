/**
 * A walk through all records, a few at a time, that holds each against the ledger: what was put back is found though nobody reads it,
 * and what is gone though nobody asks for it. It begins anew when it has come to the end.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type { RangeEntry, Storage } from '../../contracts/storage.ts';
import { Turns } from '../turns.ts';
import { allRecords, recordsAfter } from './all-records.ts';
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

export class Walk {
  readonly #parts: WalkParts;
  #after: string | undefined;
  #ends = 0;
  #missing = 0;
  /** Both go through all records, and count on nobody else beginning anew meanwhile. */
  readonly #turns = new Turns();

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
  step(): Promise<number> {
    return this.#turns.take(async () => {
      const page = await recordsAfter(this.#parts.storage, this.#after);
      for (const record of page.records) if (this.#parts.covers(record.key)) await this.#look(record);
      this.#after = page.last;
      if (page.last === undefined) this.#end();
      return page.records.length;
    });
  }

  /** From the beginning to the end: what differs is taken as it is. */
  accept(): Promise<void> {
    return this.#turns.take(async () => {
      const { ledger, guard, storage, covers } = this.#parts;
      this.#begin();
      for await (const record of allRecords(storage)) if (covers(record.key)) await this.#take(record);
      for (const name of ledger.table.notMet(ledger.walk, Infinity)) ledger.noteName(name, gone);
      this.#missing = 0;
      this.#begin();
      guard.forgive();
    });
  }

  #begin(): void {
    const { ledger } = this.#parts;
    this.#after = undefined;
    ledger.walk = (ledger.walk % numbers) + 1;
  }

  /** Whether it is the newest; one that is not was told of. */
  async #look(record: RangeEntry): Promise<boolean> {
    const { guard, ledger } = this.#parts;
    try {
      await guard.verify(record);
      return true;
    } catch (cause) {
      if (!(cause instanceof CofferError) || (cause.code !== 'data_corrupt' && cause.code !== 'conflict')) throw cause;
      return false;
    } finally {
      ledger.table.meet(ledger.nameOf(record.key), ledger.walk);
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
    const missing = ledger.table.notMet(ledger.walk, Infinity).length;
    if (missing > this.#missing) {
      log.write('error', 'stored records are gone, and nobody removed them', { records: missing });
      guard.refusing();
    }
    this.#missing = missing;
    this.#ends++;
    this.#begin();
  }
}
