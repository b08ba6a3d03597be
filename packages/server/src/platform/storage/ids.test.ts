import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommitResult } from '../../contracts/storage.ts';
import { idsKept, RecentIds } from './ids.ts';

const idOf = (n: number, head = n): string =>
  (head % 16_384).toString(16).padStart(7, '0') + String(n).padStart(25, '0');
const madeAt = (revision: number) => (): Promise<CommitResult> => Promise.resolve({ ok: true, revision });
const never = (): Promise<CommitResult> => assert.fail('made twice');

test('a commit is made once: while it is under way, and after it was made', async () => {
  const ids = new RecentIds();
  const { promise, resolve } = Promise.withResolvers<CommitResult>();
  const first = ids.once(idOf(1), () => promise);
  assert.equal(ids.once(idOf(1), never), first);
  ids.settle(idOf(1), 7);
  resolve({ ok: true, revision: 7 });
  assert.deepEqual(await ids.once(idOf(1), never), { ok: true, revision: 7 });
});

test('a commit that was refused may be made', async () => {
  const ids = new RecentIds();
  const failed = { key: 'k', expect: 'absent' } as const;
  await ids.once(idOf(1), () => Promise.resolve({ ok: false, failed }));
  ids.settle(idOf(1), undefined);
  assert.deepEqual(await ids.once(idOf(1), madeAt(2)), { ok: true, revision: 2 });
});

test('ids that begin alike are told apart', async () => {
  const ids = new RecentIds();
  for (let n = 1; n <= 500; n++) ids.add(idOf(n, 16_383), n);
  for (let n = 1; n <= 500; n++) assert.deepEqual(await ids.once(idOf(n, 16_383), never), { ok: true, revision: n });
  assert.deepEqual(await ids.once(idOf(501, 16_383), madeAt(501)), { ok: true, revision: 501 });
});

test('the last ones are known, the oldest are forgotten, those under way never', async () => {
  const ids = new RecentIds();
  const slow = Promise.withResolvers<CommitResult>();
  const underWay = ids.once(idOf(0), () => slow.promise);
  const count = idsKept * 5;
  for (let n = 1; n <= count; n++) {
    await ids.once(idOf(n), madeAt(n));
    ids.settle(idOf(n), n);
  }
  for (let n = count - idsKept + 1; n <= count; n++)
    assert.deepEqual(await ids.once(idOf(n), never), { ok: true, revision: n });
  assert.deepEqual(await ids.once(idOf(1), madeAt(-1)), { ok: true, revision: -1 });
  assert.equal(ids.once(idOf(0), never), underWay);
  ids.settle(idOf(0), 9);
  assert.deepEqual(await ids.once(idOf(0), never), { ok: true, revision: 9 });
});

test('however many are under way at once, each is found, and each is made once', async () => {
  const ids = new RecentIds();
  const spread = (n: number): string =>
    (Math.imul(n, 2_654_435_761) >>> 0).toString(16).padStart(8, '0') + idOf(n).slice(8);
  const slow = Promise.withResolvers<CommitResult>();
  const count = idsKept * 5;
  for (let n = 1; n <= count; n++) void ids.once(spread(n), () => slow.promise);
  for (let n = 1; n <= count; n++) assert.equal(ids.once(spread(n), never), slow.promise);
  for (let n = 1; n <= count; n++) ids.settle(spread(n), n);
  assert.deepEqual(await ids.once(spread(count), never), { ok: true, revision: count });
});
