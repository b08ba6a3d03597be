/**
 * What of the ledger lies in the store, and what goes there with the next mark: what was noted since the last, in pages; and from
 * time to time the buckets that have changed, a group with each mark, after which the pages before are of no use any more.
 * Nothing here counts before its commit is made.
 */
import type { EntryWrite } from '../../contracts/engine.ts';
import type { Ledger } from './ledger.ts';
import { buckets } from './mark.ts';
import { bucketKey, encodeBucket, encodeHead, encodePages, entriesIn, type Head, headKey, pageKey } from './pages.ts';

/** The buckets are laid down anew when the pages hold so many entries, and half as many as there are records; */
const pagedLimit = 8_192;
/** or when there are so many pages. */
const pagesLimit = 512;
/** So many buckets, or about so many bytes of them, go with one mark. */
const groupBuckets = 512;
const groupBytes = 1_048_576;

export interface Laid {
  readonly generation: string;
  /** Number of the last page. */
  readonly pages: number;
  /** Undefined until all buckets have been laid down once. */
  readonly head: Head | undefined;
}

export interface LaidBefore extends Laid {
  /** Entries in pages that are not in the buckets. */
  readonly paged: number;
}

export interface LaidTurn extends Laid {
  readonly writes: readonly EntryWrite[];
  /** Exactly one of the two is called once the outcome is known. */
  made(): void;
  undone(): void;
}

/** Of the buckets that are being laid down. */
interface Round {
  next: number;
  /** Pages from this one on may hold what the buckets do not. */
  readonly firstPage: number;
  /** Entries in the pages before. */
  readonly paged: number;
}

interface Group {
  readonly head: Head;
  readonly written: readonly number[];
  readonly next: number;
  readonly writes: readonly EntryWrite[];
}

export class LaidDown {
  readonly #ledger: Ledger;
  readonly #generation: string;
  readonly #term: number;
  #head: Head | undefined;
  /** As far as the buckets have come, while they are laid down for the first time. */
  #versions: Uint32Array;
  /** Given to heads, whatever became of them. */
  #lastVersion: number;
  #firstPage: number;
  #pages: number;
  #paged: number;
  #round: Round | undefined;
  /** Pages of a mark that was not made. */
  #left: readonly Uint8Array[] = [];

  constructor(ledger: Ledger, term: number, { generation, pages, head, paged }: LaidBefore) {
    this.#ledger = ledger;
    this.#generation = generation;
    this.#term = term;
    this.#pages = pages;
    this.#paged = paged;
    this.#head = head;
    this.#versions = head?.versions ?? new Uint32Array(buckets);
    this.#lastVersion = head?.version ?? 0;
    this.#firstPage = head?.firstPage ?? 1;
  }

  /** More is to be written than what changes. */
  get isBusy(): boolean {
    return this.#head === undefined || this.#round !== undefined || this.#left.length > 0;
  }

  next(): LaidTurn {
    const pages = [...this.#left, ...encodePages(this.#ledger.takeChanges())];
    this.#left = pages;
    if (this.#round === undefined && this.#isDue()) this.#begin();
    const group = this.#round && this.#group(this.#round);
    const isWhole = this.#head !== undefined || group?.next === buckets;
    return {
      generation: this.#generation,
      pages: this.#pages + pages.length,
      head: isWhole ? (group?.head ?? this.#head) : undefined,
      writes: [
        ...pages.map((value, at) => ({ key: pageKey(this.#generation, this.#pages + 1 + at), value })),
        ...(group?.writes ?? []),
      ],
      made: () => {
        this.#left = [];
        this.#pages += pages.length;
        this.#paged += pages.reduce((sum, page) => sum + entriesIn(page), 0);
        if (group !== undefined) this.#madeGroup(group, isWhole);
      },
      undone: () => {
        for (const bucket of group?.written ?? []) this.#ledger.setDirty(bucket, true);
      },
    };
  }

  #isDue(): boolean {
    if (this.#head === undefined || this.#pages - this.#firstPage >= pagesLimit) return true;
    return this.#paged >= Math.max(pagedLimit, this.#ledger.table.size / 2);
  }

  #begin(): void {
    this.#round = { next: 0, firstPage: this.#pages + 1, paged: this.#paged };
  }

  #group(round: Round): Group {
    const version = ++this.#lastVersion;
    const versions = this.#versions.slice();
    const written: number[] = [];
    const writes: EntryWrite[] = [];
    let [next, bytes] = [round.next, 0];
    for (; next < buckets && written.length < groupBuckets && bytes < groupBytes; next++) {
      if (!this.#ledger.isDirty(next)) continue;
      const entries = this.#ledger.table.bucket(next);
      const value = entries.length === 0 ? undefined : encodeBucket(version, entries);
      versions[next] = value === undefined ? 0 : version;
      writes.push({ key: bucketKey(this.#generation, next), value });
      written.push(next);
      bytes += value?.length ?? 0;
      this.#ledger.setDirty(next, false);
    }
    const firstPage = next === buckets ? round.firstPage : this.#firstPage;
    for (let page = this.#firstPage; page < firstPage; page++)
      writes.push({ key: pageKey(this.#generation, page), value: undefined });
    const head = { version, firstPage, term: this.#term, versions };
    writes.push({ key: headKey(this.#generation), value: encodeHead(head) });
    return { head, written, next, writes };
  }

  #madeGroup({ head, next }: Group, isWhole: boolean): void {
    this.#versions = head.versions;
    this.#firstPage = head.firstPage;
    if (isWhole) this.#head = head;
    if (this.#round === undefined) return;
    this.#round.next = next;
    if (next < buckets) return;
    this.#paged -= this.#round.paged;
    this.#round = undefined;
  }
}
