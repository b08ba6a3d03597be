/** Tells create from update. Asked before the policy has decided, so it never refuses: what cannot be a record is none. */
import type { Entry, MountStorage } from '../../contracts/engine.ts';
import { isPath } from './key-path.ts';
import { type Maybe, whenThere } from './later.ts';

export interface Sought {
  /** What the keys of records start with; `undefined` where the caller has none. */
  readonly root: string | undefined;
  readonly path: string;
}

const present = (): boolean => true;

/** Whether there is a record, and one that `counts`. */
export const isThere = (
  storage: MountStorage,
  { root, path }: Sought,
  counts: (entry: Entry) => boolean = present,
): Maybe<boolean> =>
  root !== undefined && isPath(path)
    ? whenThere(storage.get(root + path), entry => entry !== undefined && counts(entry))
    : false;
