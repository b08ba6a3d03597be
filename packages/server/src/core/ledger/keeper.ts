/**
 * The ledger of an open store: read when it opens, begun where there is none, laid down with every mark of the anchor. All of it hangs
 * on the mark, which names the last page and the version of the head; the head names the version of each bucket.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { EntryWrite, MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import type { Storage } from '../../contracts/storage.ts';
import { derivedHmac, type TermKeys } from '../barrier/derived-key.ts';
import { recordOverheadBytes } from '../barrier/record.ts';
import { reasonOf } from '../barrier/trouble.ts';
import { Rounds } from '../rounds.ts';
import { allRecords } from './all-records.ts';
import { type Guard, markOfStored } from './guard.ts';
import { type LaidBefore, LaidDown } from './laid-down.ts';
import { Ledger, ledgerPurpose } from './ledger.ts';
import {
  bucketOfKey,
  bucketsPrefix,
  decodeBucket,
  decodeHead,
  entriesOfPage,
  type Head,
  headKey,
  ledgerPrefix,
  pageKey,
} from './pages.ts';
import { MarkTable, type TableParts } from './table.ts';
import { followTail } from './tail.ts';
import type { SharedLedger } from './view.ts';
import { Walk } from './walk.ts';

/** What the mark says of the ledger. */
export interface KeptLedger {
  /** Another for each that was begun. */
  readonly generation: string;
  /** Number of the last page. */
  readonly pages: number;
  /** Of the head. */
  readonly version: number;
  /** Whose commits these are, in hex; up to which of them, and up to which revision, all is in the pages. */
  readonly lane: string;
  readonly upTo: number;
  readonly revision: number;
}

/** What is to be committed with the next mark. */
export interface LedgerTurn {
  /** For the mark; undefined as long as not all of a new ledger is in the store. */
  readonly kept: KeptLedger | undefined;
  readonly writes: readonly EntryWrite[];
  /** Exactly one of the two is called once the outcome is known. */
  made(): void;
  undone(): void;
}

export interface LedgerStatus {
  readonly records: number;
  /** Keys whose record is not the one that was written last, as far as anybody has looked; at most a thousand. */
  readonly refused: number;
  /** Records that are gone though nobody removed them, as the last walk through all has found. */
  readonly missing: number;
  /** Walks through all records that have come to their end. */
  readonly walks: number;
}

export interface KeeperParts {
  readonly guard: Guard;
  /** The core's own records, none of them cached. */
  readonly own: MountStorage;
  /** As it lies there. */
  readonly storage: Storage;
  readonly head: () => Promise<number>;
  readonly covers: (key: string) => boolean;
  readonly keys: TermKeys;
  readonly lane: () => Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where the table lies. Once it has moved, `shared` is another. */
  readonly memory: TableParts;
}

interface ReadLedger {
  readonly ledger: Ledger;
  readonly head: Head;
  /** Entries of its pages. */
  readonly paged: number;
}

const generationBytes = 8;
/** Records that are told as a ledger is begun. */
const toldEvery = 100_000;
const removedAtOnce = 512;
const bucketsAtOnce = 256;
/** All records are looked at, so many in this time, and then none for that. */
const walkedAtOnce = 512;
const walkEveryMs = 1_000;
const restMs = 3_600_000;

const corrupt = (what: string): CofferError => new CofferError('data_corrupt', what);

interface Open {
  readonly ledger: Ledger;
  /** Of the key that names are hashed with. */
  readonly term: number;
  readonly laid: LaidDown;
  readonly walk: Walk;
}

export class LedgerKeeper {
  readonly #parts: KeeperParts;
  #open: Open | undefined;

  readonly #rounds: Rounds;
  #restsUntilMs = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ clock: parts.clock, everyMs: walkEveryMs, look: () => this.#walk() });
  }

  get isBusy(): boolean {
    return this.#open?.laid.isBusy === true;
  }

  /** Undefined where there is none. */
  get status(): LedgerStatus | undefined {
    if (this.#open === undefined) return undefined;
    const { ledger, walk } = this.#open;
    return {
      records: ledger.table.size,
      refused: this.#parts.guard.refused.size,
      missing: walk.missing,
      walks: walk.ends,
    };
  }

  /** For the threads that only read; undefined where there is no ledger, or its memory is not shared. */
  get shared(): SharedLedger | undefined {
    const memory = this.#open?.ledger.table.memory;
    if (this.#open === undefined || !(memory instanceof SharedArrayBuffer)) return undefined;
    return { memory, term: this.#open.term, lane: this.#parts.lane() };
  }

  /** Nothing is held against it until the answer is called, or another is used. */
  letRest(): () => void {
    const { guard } = this.#parts;
    guard.isResting = true;
    return () => {
      guard.isResting = false;
    };
  }

  /** Takes every record as it is, while the store serves. */
  async accept(): Promise<void> {
    await this.#open?.walk.accept();
  }

  /** Holds the store against what was kept. Answers, in words, why that cannot be done. Throws where the storage fails. */
  async load(kept: KeptLedger): Promise<string | undefined> {
    this.close();
    const { guard, storage, covers } = this.#parts;
    await guard.idle();
    try {
      const { ledger, head, paged } = await this.#read(kept);
      const now = await this.#parts.head();
      const lane = Uint8Array.fromHex(kept.lane);
      await followTail(ledger, { storage, covers, lane, upTo: kept.upTo, since: kept.revision, head: now });
      guard.reached(now);
      this.#begin(ledger, head.term, { ...kept, head, paged });
      return undefined;
    } catch (cause) {
      if (!(cause instanceof CofferError) || cause.code !== 'data_corrupt') throw cause;
      return `the ledger of all records is not what it was: ${cause.publicMessage}`;
    }
  }

  /** Takes every record as it is. What was kept before is of no use any more. */
  async learn(): Promise<void> {
    this.close();
    const { guard, storage, covers, keys, random, log } = this.#parts;
    await guard.idle();
    const now = await this.#parts.head();
    const { term } = keys.keyStatus();
    const ledger = this.#newLedger(term);
    ledger.beginLearning();
    guard.use(ledger);
    guard.isResting = true;
    for await (const { key, ...stored } of allRecords(storage)) {
      if (!covers(key) || stored.value.length < recordOverheadBytes) continue;
      ledger.learn(key, markOfStored(stored));
      const { size } = ledger.table;
      if (size % toldEvery === 0) log.write('info', 'a ledger of all records is being begun', { records: size });
    }
    log.write('info', 'a ledger of all records was begun, each taken as it is', { records: ledger.table.size });
    ledger.endLearning();
    guard.reached(now);
    const generation = random.bytes(generationBytes).toHex();
    await this.#removeAll();
    this.#begin(ledger, term, { generation, pages: 0, head: undefined, paged: 0 });
  }

  close(): void {
    this.#rounds.stop();
    this.#parts.guard.use(undefined);
    this.#open?.ledger.wipe();
    this.#open = undefined;
  }

  /** Undefined where there is no ledger. */
  next(): LedgerTurn | undefined {
    if (this.#open === undefined) return undefined;
    const { guard, lane } = this.#parts;
    const [upTo, revision] = [guard.upTo, guard.revision];
    const turn = this.#open.laid.next();
    const { generation, pages, head } = turn;
    const kept = head && { generation, pages, version: head.version, lane: lane().toHex(), upTo, revision };
    const made = (): void => {
      turn.made();
      guard.isMarked = true;
    };
    return { ...turn, kept, made };
  }

  #begin(ledger: Ledger, term: number, before: LaidBefore): void {
    const { guard, storage, covers, log } = this.#parts;
    const laid = new LaidDown(ledger, term, before);
    this.#open = { ledger, term, laid, walk: new Walk({ guard, ledger, storage, covers, log }) };
    guard.use(ledger);
    this.#restsUntilMs = 0;
    this.#rounds.start();
  }

  #newLedger(term: number): Ledger {
    const hash = derivedHmac(this.#parts.keys, ledgerPurpose, term);
    if (hash === undefined) throw corrupt(`it was begun under key term ${term}, which this store does not have`);
    return new Ledger(hash, new MarkTable(this.#parts.memory));
  }

  async #read({ generation, version, pages }: KeptLedger): Promise<ReadLedger> {
    const { own } = this.#parts;
    const stored = await own.get(headKey(generation));
    const head = stored && decodeHead(stored.value);
    if (head?.version !== version) throw corrupt('its head is gone, or is an earlier one');
    const ledger = this.#newLedger(head.term);
    await this.#readBuckets(ledger, generation, head);
    let paged = 0;
    for (let page = head.firstPage; page <= pages; page++) {
      const entry = await own.get(pageKey(generation, page));
      if (entry === undefined) throw corrupt(`page ${page} of ${pages} is gone`);
      for (const [name, mark] of entriesOfPage(entry.value)) {
        ledger.replay(name, mark);
        paged++;
      }
    }
    return { ledger, head, paged };
  }

  async #readBuckets(ledger: Ledger, generation: string, { versions }: Head): Promise<void> {
    let found = 0;
    for (let after: string | undefined; ; ) {
      const from = after === undefined ? {} : { after };
      const page = await this.#parts.own.range(bucketsPrefix(generation), { ...from, limit: bucketsAtOnce });
      for (const { key, entry } of page) {
        const bucket = bucketOfKey(key);
        const kept = entry && decodeBucket(entry.value);
        if (kept?.version !== versions[bucket]) throw corrupt(`bucket ${bucket} is an earlier one`);
        for (const [name, mark] of kept?.entries ?? []) ledger.restore(name, mark);
        found++;
      }
      if (page.length < bucketsAtOnce) break;
      after = page.at(-1)?.key;
    }
    const wanted = versions.reduce((sum, version) => sum + (version === 0 ? 0 : 1), 0);
    if (found !== wanted) throw corrupt(`${wanted - found} of its buckets are gone`);
  }

  /** Of ledgers that were begun before. */
  async #removeAll(): Promise<void> {
    const { own } = this.#parts;
    for (;;) {
      const found = await own.range(ledgerPrefix, { values: false, limit: removedAtOnce });
      if (found.length === 0) return;
      await own.commit({ writes: found.map(({ key }) => ({ key, value: undefined })) });
    }
  }

  async #walk(): Promise<void> {
    const walk = this.#open?.walk;
    const { clock, log } = this.#parts;
    if (walk === undefined || clock.monotonic() < this.#restsUntilMs) return;
    try {
      const { ends } = walk;
      for (let seen = 0; seen < walkedAtOnce && walk.ends === ends; ) seen += (await walk.step()) + 1;
      if (walk.ends !== ends) this.#restsUntilMs = clock.monotonic() + restMs;
    } catch (cause) {
      log.write('warn', 'the walk through all records was stopped, and goes on later', { error: reasonOf(cause) });
    }
  }
}
