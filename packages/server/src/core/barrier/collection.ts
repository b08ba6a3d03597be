/**
 * Typed records under one prefix of a mount: a format byte, then JSON. Decoding is done once for as long as a record
 * stays cached.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Entry, KeyRange, MountStorage } from '../../contracts/engine.ts';
import { type Check, type Expect, rangeLimit, type RangeOptions, type Write } from '../../contracts/storage.ts';

/** Most records one call answers. */
const recordsLimit = 1_000_000;
const jsonFormat = 1;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

/** How records of one kind are laid down. What a caller named must be a value there, never a member's name. */
export interface Shape<T> {
  readonly name: string;
  encode(record: T): unknown;
  /** `stored` is what `encode` made. */
  decode(stored: unknown): T;
}

/** Must not be changed: everybody who asks gets the same. */
export interface Held<T> {
  readonly record: T;
  readonly revision: number;
}

export interface Listed<T> extends Held<T> {
  readonly id: string;
}

export class Collection<T> {
  readonly #storage: MountStorage;
  readonly #prefix: string;
  readonly #shape: Shape<T>;

  /** `prefix` ends with `/`, or is '' for the whole mount. */
  constructor(storage: MountStorage, prefix: string, shape: Shape<T>) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#shape = shape;
  }

  get(id: string): Held<T> | undefined | Promise<Held<T> | undefined> {
    const found = this.#storage.get(this.#prefix + id);
    return found instanceof Promise ? found.then(entry => this.#held(entry)) : this.#held(found);
  }

  put(id: string, record: T): Write {
    // The format byte is ASCII: encoded as part of the text, the record is made in one step.
    const value = utf8.encode(String.fromCharCode(jsonFormat) + JSON.stringify(this.#shape.encode(record)));
    return { key: this.#prefix + id, value };
  }

  remove(id: string): Write {
    return { key: this.#prefix + id, value: undefined };
  }

  check(id: string, expect: Expect): Check {
    return { key: this.#prefix + id, expect };
  }

  /** Ids in byte order. */
  async ids(options: RangeOptions = {}): Promise<readonly string[]> {
    const found = await this.#all({ ...this.#within(options), values: false });
    return found.map(({ key }) => key.slice(this.#prefix.length));
  }

  /** Records in byte order of their ids. */
  async list(options: RangeOptions = {}): Promise<readonly Listed<T>[]> {
    const found = await this.#all({ ...this.#within(options), values: true });
    return found.flatMap(({ key, entry }) => {
      const held = this.#held(entry);
      return held === undefined ? [] : [{ id: key.slice(this.#prefix.length), ...held }];
    });
  }

  /** Storage answers page by page; who asks for all gets all, up to `recordsLimit`. */
  async #all(options: RangeOptions): Promise<readonly KeyRange[]> {
    const wanted = Math.min(options.limit ?? recordsLimit, recordsLimit);
    const found: KeyRange[] = [];
    let after = options.after;
    while (found.length < wanted) {
      const limit = Math.min(wanted - found.length, rangeLimit);
      const from = after === undefined ? {} : { after };
      const page = await this.#storage.range(this.#prefix, { ...options, ...from, limit });
      for (const one of page) found.push(one);
      if (page.length < limit) break;
      after = page.at(-1)?.key;
    }
    return found;
  }

  #within(options: RangeOptions): RangeOptions {
    return options.after === undefined ? options : { ...options, after: this.#prefix + options.after };
  }

  #held(entry: Entry | undefined): Held<T> | undefined {
    if (entry === undefined) return undefined;
    entry.memo ??= { record: this.#decode(entry.value), revision: entry.revision };
    return entry.memo as Held<T>;
  }

  #decode(value: Uint8Array): T {
    if (value[0] !== jsonFormat) {
      const what = `A record of "${this.#shape.name}" has format ${value[0] ?? 'none'}`;
      throw new CofferError('data_corrupt', `${what}, which this version does not know.`);
    }
    return this.#shape.decode(JSON.parse(text.decode(value.subarray(1))));
  }
}
