/**
 * Names inside a folder, out of the ordered keys of a mount. A folder is the part of a key up to the next slash; it is
 * named once and then stepped over, so that listing never walks what lies inside a large one. Reads in batches that grow
 * while they yield names and shrink while they are spent on the inside of folders; what reads them may give the event loop
 * back between two of them.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { KeyRange, MountStorage } from '../../contracts/engine.ts';
import { checkAfter, folderPrefix } from './key-path.ts';

/** Names in one answer; a caller who has more asks page by page. */
const namesLimit = 1_000_000;
const leastBatch = 16;
const firstBatch = 128;
const largestBatch = 2048;
/** Names in one answer, and records that come with them, by their length. */
export const nameBytesLimit = 16_777_216;
export const recordBytesLimit = 8_388_608;
/** Records are opened as they are read: a batch of them holds about so much. */
const batchBytes = 262_144;
/** Sorts behind every character a path may hold. */
const last = '\u{10FFFF}';

/** The fields every listing takes. */
export const listFields = {
  path: t.path('Folder; the top one where it is absent'),
  after: t.string('Answer only names behind this one, which need not exist'),
  limit: t.limit('Most names to answer; 0, a negative number or "max" for all'),
};

export interface ListArgs {
  readonly path?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface Page {
  readonly folder: string;
  readonly after: string;
  readonly limit: number;
}

export const pageOf = ({ path, after = '', limit = 0 }: ListArgs): Page => {
  const folder = folderPrefix(path);
  checkAfter(folder + after);
  return { folder, after, limit: limit === 0 ? Infinity : limit };
};

/** A name in a folder, with its record where the listing was asked for records and the name is no folder. */
export interface Named {
  readonly name: string;
  readonly found: KeyRange | undefined;
}

export interface ListOptions extends Page {
  readonly storage: MountStorage;
  /** What all record keys start with, `m/`. */
  readonly root: string;
  /** Whole paths inside, without folders. */
  readonly deep: boolean;
  readonly values: boolean;
}

class Lister {
  readonly #options: ListOptions;
  readonly #prefix: string;
  #page: Named[] = [];
  #count = 0;
  #nameBytes = 0;
  #recordBytes = 0;
  #start: string;
  #folder: string | undefined;
  #batch: number;

  constructor(options: ListOptions) {
    this.#options = options;
    this.#prefix = options.root + options.folder;
    this.#batch = Math.min(firstBatch, Math.max(leastBatch, options.limit));
    const { after, deep } = options;
    this.#start = this.#prefix + after + (!deep && after.endsWith('/') ? last : '');
  }

  /** What each batch yields: nobody needs to hold all records at once. */
  async *pages(): AsyncGenerator<readonly Named[]> {
    for (let more = true; more; ) {
      const found = await this.#read();
      more = !this.#full() && found >= this.#batch;
      yield this.#page;
      this.#page = [];
    }
  }

  /** One batch; answers how many keys it had. */
  async #read(): Promise<number> {
    const { storage, values } = this.#options;
    const limit = this.#batch;
    const [before, bytesBefore] = [this.#count, this.#recordBytes];
    const found = await storage.range(this.#prefix, { after: this.#start, limit, values });
    for (const item of found) {
      this.#take(item);
      if (this.#full()) return found.length;
    }
    const lastKey = found.at(-1)?.key;
    if (found.length < limit || lastKey === undefined) return 0;
    this.#start = this.#folder === undefined ? lastKey : this.#prefix + this.#folder + last;
    this.#resize(this.#count - before, this.#recordBytes - bytesBefore);
    return this.#batch;
  }

  #resize(gained: number, bytes: number): void {
    const wanted =
      gained * 2 > this.#batch ? this.#batch * 4 : gained * 8 < this.#batch ? this.#batch / 4 : this.#batch;
    const affordable = bytes === 0 ? largestBatch : Math.floor((gained * batchBytes) / bytes);
    this.#batch = Math.min(largestBatch, Math.max(leastBatch, Math.min(wanted, affordable)));
  }

  #take(found: KeyRange): void {
    const inside = found.key.slice(this.#prefix.length);
    if (inside === '') return;
    const slash = this.#options.deep ? -1 : inside.indexOf('/');
    if (slash === -1) {
      this.#folder = undefined;
      this.#add(inside, found);
      return;
    }
    const folder = inside.slice(0, slash + 1);
    if (folder === this.#folder) return;
    this.#folder = folder;
    if (!this.#options.after.startsWith(folder)) this.#add(folder, undefined);
  }

  #add(name: string, found: KeyRange | undefined): void {
    this.#count++;
    this.#nameBytes += name.length;
    this.#recordBytes += found?.entry?.value.length ?? 0;
    if (this.#count > namesLimit || this.#nameBytes > nameBytesLimit || this.#recordBytes > recordBytesLimit)
      throw new CofferError('invalid_request', 'too much for one answer: ask page by page, with "limit" and "after"');
    this.#page.push({ name, found });
  }

  #full(): boolean {
    return this.#count >= this.#options.limit;
  }
}

type Asked = Page & { readonly deep: boolean };

/** Names with their records, in key order, page by page; none where there are none. */
export const recordPages = (storage: MountStorage, root: string, asked: Asked): AsyncGenerator<readonly Named[]> =>
  new Lister({ storage, root, ...asked, values: true }).pages();

/** Names alone; `undefined` where there are none, which is answered as 404. */
export const listNames = async (
  storage: MountStorage,
  root: string,
  asked: Asked,
): Promise<{ readonly keys: readonly string[] } | undefined> => {
  const keys: string[] = [];
  const pages = new Lister({ storage, root, ...asked, values: false }).pages();
  for await (const page of pages) for (const { name } of page) keys.push(name);
  return keys.length === 0 ? undefined : { keys };
};
