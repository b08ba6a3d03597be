/** Records of an engine that are one small object each: a format byte, then JSON; decoded once while they are cached. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Entry, EntryWrite, MountStorage } from '../../contracts/engine.ts';
import { type Maybe, whenThere } from './later.ts';

const format = 1;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

export interface Kept<T> {
  readonly record: T;
  readonly revision: number;
}

/** How a record is laid down. What a caller named is a value there, never a member's name. */
export interface RecordShape<T> {
  /** For messages. */
  readonly name: string;
  encode(record: T): unknown;
  /** `stored` is what `encode` made. */
  decode(stored: never): T;
}

export class JsonRecords<T> {
  readonly #prefix: string;
  readonly #shape: RecordShape<T>;

  constructor(prefix: string, shape: RecordShape<T>) {
    this.#prefix = prefix;
    this.#shape = shape;
  }

  get(storage: MountStorage, id: string): Maybe<Kept<T> | undefined> {
    return whenThere(storage.get(this.#prefix + id), entry => (entry === undefined ? undefined : this.#kept(entry)));
  }

  put(id: string, record: T): EntryWrite {
    // The format byte is ASCII: encoded as part of the text, the record is made in one step.
    const value = utf8.encode(String.fromCharCode(format) + JSON.stringify(this.#shape.encode(record)));
    return { key: this.#prefix + id, value };
  }

  /** Writes it where it is still what `before` was; throws `conflict` where it is not. */
  async replace(storage: MountStorage, id: string, change: Change<T>): Promise<void> {
    const expect = change.before?.revision ?? 'absent';
    const { ok } = await storage.commit({
      checks: [{ key: this.#prefix + id, expect }],
      writes: [this.put(id, change.next)],
    });
    if (!ok) throw new CofferError('conflict', `the ${this.#shape.name} was changed by somebody else at the same time`);
  }

  async remove(storage: MountStorage, id: string): Promise<void> {
    await storage.commit({ writes: [{ key: this.#prefix + id, value: undefined }] });
  }

  #kept(entry: Entry): Kept<T> {
    if (entry.memo !== undefined) return entry.memo as Kept<T>;
    if (entry.value[0] !== format)
      throw new CofferError('data_corrupt', `a ${this.#shape.name} has a format that this server does not know`);
    const record = this.#shape.decode(JSON.parse(text.decode(entry.value.subarray(1))) as never);
    const kept = { record, revision: entry.revision };
    entry.memo = kept;
    return kept;
  }
}

export interface Change<T> {
  readonly before: Kept<T> | undefined;
  readonly next: T;
}
