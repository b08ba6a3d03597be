/** Decrypted records under whole storage keys: the barrier itself, or the cache in front of it. */
import type { Entry, KeyRange, MountCommit } from '../../contracts/engine.ts';
import type { CommitResult, RangeOptions, Write } from '../../contracts/storage.ts';

export type Found = Entry | undefined | Promise<Entry | undefined>;

export interface RecordCommit extends MountCommit {
  /** Written as they are, not encrypted: only for what must be read while sealed. */
  readonly plain?: readonly Write[];
}

export interface Records {
  /** `beside` as in `MountStorage`. */
  get(key: string, beside?: Entry): Found;
  range(prefix: string, options?: RangeOptions): Promise<readonly KeyRange[]>;
  commit(changes: RecordCommit): Promise<CommitResult>;
}
