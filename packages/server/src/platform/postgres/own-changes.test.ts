import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packChange } from '../storage/change-entry.ts';
import { ownChangesBytesLimit, ownChangesLimit } from './bounds.ts';
import { OwnChanges } from './own-changes.ts';

const entry = (key: string, payload = new Uint8Array(0)): Buffer =>
  packChange({ writes: [{ key, value: undefined }], events: [{ type: 't', payload }] });
const revisions = (own: OwnChanges, from: number, limit = 100): number[] =>
  own.from(from, limit).map(({ revision }) => revision);

test('runs are answered as far as they go, and nothing where they do not begin', () => {
  const own = new OwnChanges(100_000);
  for (const revision of [3, 4, 6, 7, 8]) own.add(revision, entry(`k${revision}`));
  assert.deepEqual(revisions(own, 3), [3, 4]);
  assert.deepEqual(revisions(own, 6, 2), [6, 7]);
  for (const from of [1, 2, 5, 9]) assert.deepEqual(revisions(own, from), []);
  assert.deepEqual(own.from(4, 1), [
    { revision: 4, keys: ['k4'], events: [{ type: 't', payload: new Uint8Array(0) }] },
  ]);
  own.forget();
  assert.deepEqual(revisions(own, 3), []);
});

test('it is bounded by number and by bytes', () => {
  const own = new OwnChanges(100_000);
  for (let revision = 1; revision <= ownChangesLimit + 10; revision++) own.add(revision, entry('k'));
  assert.deepEqual(revisions(own, 10), []);
  assert.equal(revisions(own, 11, 1)[0], 11);
  const few = new OwnChanges(2);
  for (let revision = 1; revision <= 5; revision++) few.add(revision, entry('k'));
  assert.deepEqual([revisions(few, 3), revisions(few, 4)], [[], [4, 5]]);
  const large = new Uint8Array(ownChangesBytesLimit / 4);
  for (let revision = 10_001; revision <= 10_008; revision++) own.add(revision, entry('k', large));
  assert.deepEqual(revisions(own, 10_005), []);
  assert.deepEqual(revisions(own, 10_006), [10_006, 10_007, 10_008]);
  own.add(20_000, entry('k', new Uint8Array(ownChangesBytesLimit)));
  assert.deepEqual(revisions(own, 20_000), []);
});
