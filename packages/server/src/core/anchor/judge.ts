/** Whether a store is as new as its anchor says: a chain of checks on what was read. The first that fails is the answer. */
import type { Read, Statement } from './statement.ts';

/** What the store says of itself; undefined where it was never marked. */
export interface Marked {
  readonly sequence: number;
  /** As `restored` of a statement. */
  readonly digest: string;
}

export interface Evidence {
  /** What the anchor says; undefined where there is none. */
  readonly said: Read | undefined;
  readonly marked: Marked | undefined;
}

/** In words for people. */
export type Doubt = string;

type Check = (evidence: Evidence) => Doubt | undefined;

const isStatement = (said: Read | undefined): said is Statement => typeof said === 'object';

const isThere: Check = ({ said, marked }) =>
  said === undefined && marked !== undefined
    ? 'the store has an anchor, and there is nothing in its place: it was removed, or the store was moved here without it'
    : undefined;

const isOurs: Check = ({ said }) => {
  if (said === 'newer') return 'the anchor was written by a newer version';
  if (said === 'foreign') return 'the anchor is of another store: this one was put in its place, or restored here';
  if (said === 'later')
    return 'the store is older than its anchor: it does not have the key that the anchor was written under';
  if (said === 'forged') return 'the anchor is damaged, or was not written by this store';
  return undefined;
};

const isNotBehind: Check = ({ said, marked }) => {
  if (!isStatement(said) || said.restored === (marked?.digest ?? 'none')) return undefined;
  const missing = said.sequence - (marked?.sequence ?? 0);
  return missing > 0
    ? `the store is older than its anchor: the last ${missing} marks of ${said.sequence} are missing, and what was written since with them`
    : undefined;
};

const checks: readonly Check[] = [isThere, isOurs, isNotBehind];

export const judge = (evidence: Evidence): Doubt | undefined => {
  for (const check of checks) {
    const doubt = check(evidence);
    if (doubt !== undefined) return doubt;
  }
  return undefined;
};
