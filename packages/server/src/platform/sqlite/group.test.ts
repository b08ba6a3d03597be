import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Commit, CommitResult } from '../../contracts/storage.ts';
import { CommitGroups, type PackedBatch } from './group.ts';

/** A writer that says when a batch was sent, and answers when it is told to. */
const rig = (sharesCore: boolean) => {
  const sent: PackedBatch[] = [];
  const groups = new CommitGroups({ send: batch => void sent.push(batch), settled: () => {}, sharesCore });
  let ids = 0;
  let revision = 0;
  const add = (count: number): Promise<CommitResult>[] =>
    Array.from({ length: count }, () => {
      const commit: Commit = { id: String(ids++).padStart(32, '0'), writes: [{ key: 'k', value: Uint8Array.of(1) }] };
      return groups.add(commit, 1);
    });
  const apply = (): void => {
    const batch = sent.at(-1);
    assert.ok(batch !== undefined);
    groups.applied(
      Float64Array.from({ length: batch.commits }, () => ++revision),
      batch.buffer,
    );
  };
  return { sent, groups, add, apply, sizes: () => sent.map(({ commits }) => commits) };
};

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
};

const until = async (holds: () => boolean): Promise<void> => {
  for (let look = 0; !holds(); look++) {
    assert.ok(look < 1000, 'waited ten seconds in vain');
    await wait(10);
  }
};

test('where the writer has a core of its own, whatever waits is sent in the next turn', async () => {
  const { add, apply, sizes } = rig(false);
  void add(4);
  await turns();
  void add(1);
  apply();
  await turns();
  assert.deepEqual(sizes(), [4, 1]);
});

test('on one core a batch is held until most of those who committed lately are there', async () => {
  const { add, apply, sizes } = rig(true);
  void add(4);
  await turns();
  assert.deepEqual(sizes(), [4]);
  void add(4);
  apply();
  const all = add(1);
  // Within this turn neither the moment can end nor a batch be sent.
  assert.deepEqual(sizes(), [4]);
  void add(3);
  await turns();
  assert.deepEqual(sizes(), [4, 8]);
  apply();
  assert.deepEqual(await all[0], { ok: true, revision: 9 });
});

test('on one core nobody is held for good by those who do not come again', async () => {
  const { add, apply, sizes, groups } = rig(true);
  const first = add(8);
  await turns();
  apply();
  await Promise.all(first);
  const alone = add(1);
  await until(() => sizes().length === 2);
  apply();
  assert.deepEqual(await alone[0], { ok: true, revision: 9 });
  assert.equal(groups.idle, true);
  const again = add(1);
  await turns();
  assert.deepEqual(sizes(), [8, 1, 1]);
  apply();
  await Promise.all(again);
});

test('what is held when the store fails is refused', async () => {
  const { add, apply, groups } = rig(true);
  const first = add(8);
  await turns();
  apply();
  await Promise.all(first);
  const [held] = add(1);
  assert.ok(held !== undefined);
  const refused = assert.rejects(held, /broken/);
  groups.fail(new Error('broken') as never);
  await refused;
  assert.equal(groups.idle, true);
});
