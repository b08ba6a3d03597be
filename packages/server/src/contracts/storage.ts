/**
 * Where ciphertext lies: ordered keys, opaque values, atomic multi-key commits with preconditions, a revision for each.
 *
 * Promises every implementation keeps (held by the conformance suite):
 * - A key is a well-formed string of 1 to 1,024 UTF-8 bytes; order is the order of those bytes.
 * - A commit is all or nothing. An acknowledged commit survives `kill -9` and power loss: fsync before the answer.
 * - A failed precondition fails its own commit only, never those committed with it.
 * - Revisions grow by one with each commit and are never reused; a commit whose id was already committed is answered with
 *   the revision it got then, and nothing is written twice.
 * - After a failed fsync nothing more is acknowledged: `fatal` is called and the process ends.
 */
export interface Stored {
  readonly value: Uint8Array;
  /** Revision of the commit that wrote it. */
  readonly revision: number;
}

export interface RangeOptions {
  /** Exclusive start; need not exist. */
  readonly after?: string;
  /** Most entries answered; default and ceiling `rangeLimit`. */
  readonly limit?: number;
  /** Without values an entry's `value` is empty. Default true. */
  readonly values?: boolean;
}

export interface RangeEntry extends Stored {
  readonly key: string;
}

/** `absent`, any revision (`present`), or exactly this revision. */
export type Expect = 'absent' | 'present' | number;

export interface Check {
  readonly key: string;
  readonly expect: Expect;
}

export interface Write {
  readonly key: string;
  /** `undefined` removes the key. */
  readonly value: Uint8Array | undefined;
}

/** Something that happened, told to those who follow the change stream. Written in the same commit. */
export interface ChangeEvent {
  /** Engine and kind: `kv-v2/data-write`. Not encrypted. One of `untoldType` is for the store itself, and stands last. */
  readonly type: string;
  /** Of an engine: a JSON object of texts, `path` and `data_path` below its mount, and `at` in milliseconds; never values. */
  readonly payload: Uint8Array;
}

/** Nobody who follows the change stream is told of it. */
export const untoldType = '';

export interface Commit {
  /** 16 bytes that no other commit has, as 32 hex digits. */
  readonly id: string;
  readonly checks?: readonly Check[];
  readonly writes: readonly Write[];
  readonly events?: readonly ChangeEvent[];
}

export type CommitResult =
  | { readonly ok: true; readonly revision: number }
  | { readonly ok: false; readonly failed: Check };

export interface Change {
  readonly revision: number;
  readonly keys: readonly string[];
  readonly events: readonly ChangeEvent[];
}

/** `compacted`: changes before this revision are gone; list again and follow from there. */
export type ChangeOrGap = Change | { readonly compacted: number };

export interface Storage {
  get(key: string): Stored | undefined | Promise<Stored | undefined>;
  /** Entries whose key starts with `prefix`, in byte order. */
  range(prefix: string, options?: RangeOptions): Promise<readonly RangeEntry[]>;
  /** Resolves after the commit is durable. Rejects with `CofferError` `storage_failed` or `storage_full`. */
  commit(commit: Commit): Promise<CommitResult>;
  /** Every commit after revision `since`, in order, then those to come, until `signal` aborts. */
  changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap>;
}

/** What the owner of a storage does with it beside reading and writing. */
export interface StorageLife {
  /** Revision of the last commit. */
  head(): Promise<number>;
  /** Resolves after everything acknowledged is durable and all handles are closed. */
  close(): Promise<void>;
}

/** The last revision at one moment, and the time of the storage's own clock then, milliseconds since 1970. */
export interface Moment {
  readonly revision: number;
  readonly timeMs: number;
}

/** What a storage can do that other nodes write to as well. */
export interface SharedStorage {
  /** Of some moment after the call. */
  moment(): Promise<Moment>;
}

/**
 * All records of a store as they were at one revision, laid down beside it. Its bytes are the records in the order of their
 * keys: `length of key u16 ‖ key (UTF-8) ‖ length of value u32 ‖ value`, integers big-endian.
 */
export interface StoredCopy {
  /** Of the store it was taken from; 0 where it was received. */
  readonly revision: number;
  readonly records: number;
  readonly bytes: number;
  /** SHA-256 of its bytes. */
  readonly sha256: Uint8Array;
  /** Values of the records that were to be picked out, by key; those that are there. */
  readonly picked: ReadonlyMap<string, Uint8Array>;
  read(): AsyncIterable<Uint8Array>;
  /** Gives its room back. May be called again. */
  discard(): Promise<void>;
}

/** A copy that comes in from elsewhere. Nothing of it counts before `finish`. */
export interface IncomingCopy {
  /** Rejects with `data_corrupt` for what cannot be part of a copy, `storage_full` where it leaves no room on the disk. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<StoredCopy>;
  discard(): Promise<void>;
}

/** What a storage can do with all of its records at once. Few copies may exist at a time; `copy` and `receive` refuse more. */
export interface StorageCopies {
  /** Holds up neither reads nor commits. */
  copy(): Promise<StoredCopy>;
  /** `picks`: keys of records wanted beside the copy. */
  receive(picks: readonly string[]): Promise<IncomingCopy>;
  /**
   * Puts the records of a copy that was received here in the place of all that are there, all or nothing, whatever happens
   * meanwhile; `also` is written with them. Answers the new revision, to which there is no history. Commits are refused until
   * it has resolved; those acknowledged before are part of what is replaced.
   */
  replace(copy: StoredCopy, also?: readonly Write[]): Promise<number>;
}

export const keyBytesLimit = 1024;
export const rangeLimit = 10_000;
/** Most bytes of one value. */
export const valueBytesLimit = 33_554_432;
