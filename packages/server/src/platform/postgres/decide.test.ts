import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../contracts/storage.ts';
import { checkedKeys, decide, type Facts, type Prepared } from './decide.ts';

const commit = (id: string, keys: readonly string[], checks: readonly Check[] = []): Prepared => ({
  id,
  checks,
  writes: keys.map(key =>
    key.startsWith('-') ? { key: key.slice(1), value: undefined } : { key, value: Buffer.from(id) },
  ),
  entry: Buffer.alloc(0),
});
const facts = (more: Partial<Facts> = {}): Facts => ({ head: 10, ids: new Map(), revisions: new Map(), ...more });

test('a failed check fails its own commit, and those after see those before', () => {
  const outcome = decide(
    [
      commit('1', ['a'], [{ key: 'a', expect: 'absent' }]),
      commit('2', ['b'], [{ key: 'a', expect: 'absent' }]),
      commit('3', ['-a'], [{ key: 'a', expect: 11 }]),
      commit('4', ['c'], [{ key: 'a', expect: 'present' }]),
      commit('5', ['a'], [{ key: 'old', expect: 7 }]),
    ],
    facts({ revisions: new Map([['old', 7]]) }),
  );
  assert.deepEqual(
    outcome.results.map(result => (result.ok ? result.revision : result.failed.key)),
    [11, 'a', 12, 'a', 13],
  );
  assert.equal(outcome.head, 13);
  assert.deepEqual(
    [...outcome.writes].map(([key, { value, revision }]) => [key, value?.toString(), revision]),
    [['a', '5', 13]],
  );
  assert.deepEqual(
    outcome.made.map(({ revision }) => revision),
    [11, 12, 13],
  );
});

test('a commit that is there already is answered with its revision and not made again', () => {
  const { results, made, head } = decide(
    [commit('1', ['a'], [{ key: 'a', expect: 'absent' }])],
    facts({ ids: new Map([['1', 4]]) }),
  );
  assert.deepEqual([results, made, head], [[{ ok: true, revision: 4 }], [], 10]);
});

test('keys that are checked are asked for once', () => {
  const check: Check = { key: 'a', expect: 'present' };
  assert.deepEqual(checkedKeys([commit('1', [], [check, check]), commit('2', ['b'], [check])]), ['a']);
});
