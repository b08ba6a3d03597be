import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Check, CommitResult } from '../../contracts/storage.ts';
import type { RecordCommit, Records } from '../barrier/records.ts';
import { type Fence, fenced } from './fenced.ts';

const leader: Check = { key: 'leader', expect: 7 };
const own: Check = { key: 'own', expect: 'present' };
const write = { key: 'a', value: undefined };

/** What reaches the records, whose commits fail by the key that is named. */
const under = (fence: () => Fence, failsBy?: Check) => {
  const commits: RecordCommit[] = [];
  const records: Records = {
    get: () => undefined,
    range: async () => [],
    commit: async (changes): Promise<CommitResult> => {
      commits.push(changes);
      return failsBy === undefined ? { ok: true, revision: 9 } : { ok: false, failed: failsBy };
    },
  };
  return { commits, records: fenced(records, fence) };
};

const leadsNoMore = (error: unknown): boolean => error instanceof CofferError && error.code === 'not_active';

test('a commit holds against the record of who leads, beside its own checks', async () => {
  const { commits, records } = under(() => leader);
  assert.equal((await records.commit({ checks: [own], writes: [write] })).ok, true);
  assert.deepEqual(commits, [{ checks: [own, leader], writes: [write] }]);
});

test('where another leads by now nothing is committed, and the work ends', async () => {
  await assert.rejects(under(() => leader, leader).records.commit({ writes: [write] }), leadsNoMore);
  const { commits, records } = under(() => undefined);
  await assert.rejects(records.commit({ writes: [write] }), leadsNoMore);
  assert.deepEqual(commits, []);
  assert.deepEqual(await under(() => leader, own).records.commit({ writes: [write] }), { ok: false, failed: own });
});

test('where there is one node nothing is added', async () => {
  const { commits, records } = under(() => 'none');
  await records.commit({ writes: [write] });
  assert.deepEqual(commits, [{ writes: [write] }]);
});
