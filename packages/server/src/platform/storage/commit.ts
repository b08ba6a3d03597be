/** What every storage refuses of a commit before it touches anything. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Commit } from '../../contracts/storage.ts';
import { valueBytesLimit } from '../../contracts/storage.ts';
import { checkKey } from './key.ts';

/** Most checks, writes and events together of one commit. */
export const commitPartsLimit = 100_000;
/** Most bytes of all values and payloads of one commit. */
export const commitBytesLimit = 268_435_456;

const wellFormedId = /^[0-9a-f]{32}$/;

const refuse = (message: string): never => {
  throw new CofferError('invalid_request', message);
};

const partsOf = (commit: Commit): number =>
  commit.writes.length + (commit.checks?.length ?? 0) + (commit.events?.length ?? 0);

const checkBytes = (length: number): number =>
  length <= valueBytesLimit ? length : refuse(`A value of the store is longer than ${valueBytesLimit} bytes.`);

/** Answers the bytes of all values and payloads. */
export const checkCommit = (commit: Commit): number => {
  if (!wellFormedId.test(commit.id)) refuse('The id of a commit is not 32 hex digits.');
  if (partsOf(commit) > commitPartsLimit) refuse(`A commit has more than ${commitPartsLimit} parts.`);
  let bytes = 0;
  for (const { key, value } of commit.writes) {
    checkKey(key);
    if (value !== undefined) bytes += checkBytes(value.length);
  }
  for (const { key } of commit.checks ?? []) checkKey(key);
  for (const { payload } of commit.events ?? []) bytes += checkBytes(payload.length);
  if (bytes > commitBytesLimit) refuse(`A commit has more than ${commitBytesLimit} bytes of values.`);
  return bytes;
};

export const holds = (expect: 'absent' | 'present' | number, revision: number | undefined): boolean => {
  if (expect === 'absent') return revision === undefined;
  return expect === 'present' ? revision !== undefined : revision === expect;
};
