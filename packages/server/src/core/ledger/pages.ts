/**
 * How the ledger is laid down, format 1, behind the barrier. Integers are big-endian; an entry is `name 8 ‖ mark 8`, a mark of
 * zeros says that the record was removed.
 *
 *     page:    format 1 ‖ entries, in the order in which they were noted
 *     bucket:  format 1 ‖ version u32 ‖ entries
 *     head:    format 1 ‖ version u32 ‖ first page u48 ‖ key term u32 ‖ version of each bucket u32, 0 where it is empty
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { buckets, type Mark, type Name } from './mark.ts';

const format = 1;
const entryBytes = 16;
const firstSizeEntries = 64;
/** Of entries in one page. */
const pageBytes = 65_536 * entryBytes;

/** Under which all of it stands, among the core's own records. */
export const ledgerPrefix = 'anchor/ledger/';
const numberDigits = 12;
export const pageKey = (generation: string, page: number): string =>
  `${ledgerPrefix}${generation}/page/${String(page).padStart(numberDigits, '0')}`;
export const bucketsPrefix = (generation: string): string => `${ledgerPrefix}${generation}/bucket/`;
export const bucketKey = (generation: string, bucket: number): string =>
  bucketsPrefix(generation) + bucket.toString(16).padStart(3, '0');
export const bucketOfKey = (key: string): number => Number.parseInt(key.slice(-3), 16);
export const headKey = (generation: string): string => `${ledgerPrefix}${generation}/head`;

export type Entry = readonly [name: Name, mark: Mark];

/** Grows as entries are added. */
export class EntryBytes {
  #bytes = new Uint8Array(firstSizeEntries * entryBytes);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  add(name: Name, mark: Mark): void {
    if (this.#at + entryBytes > this.#bytes.length) this.#grow();
    this.#view.setUint32(this.#at, name.hi);
    this.#view.setUint32(this.#at + 4, name.lo);
    this.#view.setUint32(this.#at + 8, mark.hi);
    this.#view.setUint32(this.#at + 12, mark.lo);
    this.#at += entryBytes;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const damaged = (what: string): CofferError =>
  new CofferError('data_corrupt', `${what} of the ledger has a form that this version does not know.`);

const viewOf = (bytes: Uint8Array, what: string): DataView => {
  if (bytes[0] !== format) throw damaged(what);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

const entriesFrom = function* (view: DataView, from: number, what: string): Iterable<Entry> {
  if ((view.byteLength - from) % entryBytes !== 0) throw damaged(what);
  for (let at = from; at < view.byteLength; at += entryBytes)
    yield [
      { hi: view.getUint32(at), lo: view.getUint32(at + 4) },
      { hi: view.getUint32(at + 8), lo: view.getUint32(at + 12) },
    ];
};

/** In pieces, each for a page of its own. */
export const encodePages = (entries: Uint8Array): readonly Uint8Array[] => {
  const pages: Uint8Array[] = [];
  for (let at = 0; at < entries.length; at += pageBytes) {
    const piece = entries.subarray(at, at + pageBytes);
    const page = new Uint8Array(1 + piece.length);
    page[0] = format;
    page.set(piece, 1);
    pages.push(page);
  }
  return pages;
};

export const entriesOfPage = (bytes: Uint8Array): Iterable<Entry> => entriesFrom(viewOf(bytes, 'A page'), 1, 'A page');

/** Of a stored page. */
export const entriesIn = (page: Uint8Array): number => (page.length - 1) / entryBytes;

const bucketEntriesAt = 5;

export const encodeBucket = (version: number, entries: readonly Entry[]): Uint8Array => {
  const list = new EntryBytes();
  for (const [name, mark] of entries) list.add(name, mark);
  const bytes = new Uint8Array(bucketEntriesAt + list.length);
  bytes[0] = format;
  new DataView(bytes.buffer).setUint32(1, version);
  bytes.set(list.bytes, bucketEntriesAt);
  return bytes;
};

export const decodeBucket = (bytes: Uint8Array): { readonly version: number; readonly entries: Iterable<Entry> } => {
  const view = viewOf(bytes, 'A bucket');
  if (bytes.length < bucketEntriesAt) throw damaged('A bucket');
  return { version: view.getUint32(1), entries: entriesFrom(view, bucketEntriesAt, 'A bucket') };
};

export interface Head {
  readonly version: number;
  /** Pages from this one on are not in the buckets yet. */
  readonly firstPage: number;
  /** Of the key that names are hashed with. */
  readonly term: number;
  /** The version of the head that each bucket was laid down with. */
  readonly versions: Uint32Array;
}

const versionsAt = 15;

export const encodeHead = ({ version, firstPage, term, versions }: Head): Uint8Array => {
  const bytes = new Uint8Array(versionsAt + buckets * 4);
  const view = new DataView(bytes.buffer);
  bytes[0] = format;
  view.setUint32(1, version);
  view.setUint16(5, Math.floor(firstPage / 2 ** 32));
  view.setUint32(7, firstPage);
  view.setUint32(11, term);
  for (const [at, one] of versions.entries()) view.setUint32(versionsAt + at * 4, one);
  return bytes;
};

export const decodeHead = (bytes: Uint8Array): Head => {
  const view = viewOf(bytes, 'The head');
  if (bytes.length !== versionsAt + buckets * 4) throw damaged('The head');
  return {
    version: view.getUint32(1),
    firstPage: view.getUint16(5) * 2 ** 32 + view.getUint32(7),
    term: view.getUint32(11),
    versions: Uint32Array.from({ length: buckets }, (_, at) => view.getUint32(versionsAt + at * 4)),
  };
};
