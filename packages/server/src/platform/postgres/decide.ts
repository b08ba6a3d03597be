/** What becomes of a batch, given what the database says under its lock. Pure: the same answer for the same facts. */
import type { Check, CommitResult } from '../../contracts/storage.ts';
import { holds } from '../storage/commit.ts';

/** A commit, copied out of its caller's hands. */
export interface Prepared {
  readonly id: string;
  readonly checks: readonly Check[];
  readonly writes: readonly { readonly key: string; readonly value: Buffer | undefined }[];
  /** For the change log. */
  readonly entry: Buffer;
}

export interface Facts {
  readonly head: number;
  /** Of the commits of the batch, those that are made already. */
  readonly ids: ReadonlyMap<string, number>;
  /** Of the keys that are checked, those that are there. */
  readonly revisions: ReadonlyMap<string, number>;
}

export interface Write {
  /** Undefined: the key is removed. */
  readonly value: Buffer | undefined;
  readonly revision: number;
}

export interface Outcome {
  readonly results: readonly CommitResult[];
  readonly head: number;
  /** The last write of each key. */
  readonly writes: ReadonlyMap<string, Write>;
  readonly made: readonly { readonly revision: number; readonly commit: Prepared }[];
}

/** Keys whose revisions must be known. */
export const checkedKeys = (commits: readonly Prepared[]): readonly string[] => [
  ...new Set(commits.flatMap(({ checks }) => checks.map(({ key }) => key))),
];

export const decide = (commits: readonly Prepared[], facts: Facts): Outcome => {
  const writes = new Map<string, Write>();
  const made: { revision: number; commit: Prepared }[] = [];
  let { head } = facts;
  const revisionOf = (key: string): number | undefined => {
    const write = writes.get(key);
    if (write === undefined) return facts.revisions.get(key);
    return write.value === undefined ? undefined : write.revision;
  };
  const results = commits.map((commit): CommitResult => {
    const before = facts.ids.get(commit.id);
    if (before !== undefined) return { ok: true, revision: before };
    const failed = commit.checks.find(({ key, expect }) => !holds(expect, revisionOf(key)));
    if (failed !== undefined) return { ok: false, failed };
    const revision = ++head;
    for (const { key, value } of commit.writes) writes.set(key, { value, revision });
    made.push({ revision, commit });
    return { ok: true, revision };
  });
  return { results, head, writes, made };
};
