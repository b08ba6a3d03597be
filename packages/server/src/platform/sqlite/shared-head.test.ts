import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Log } from '../../contracts/log.ts';
import { realClock } from '../clock/real.ts';
import { openFollowerStore } from './follower-store.ts';
import { SharedHead } from './shared-head.ts';
import { openSqliteStore } from './store.ts';

test('what was seen is settled only when that is said, and neither goes back', () => {
  const head = new SharedHead();
  const other = new SharedHead(head.memory);
  head.settle(3);
  assert.equal(other.now(), 3);
  assert.equal(other.isSettled(3), true);
  other.saw(5);
  assert.equal(head.now(), 5);
  assert.equal(head.isSettled(3), false);
  assert.equal(head.isSettled(5), false);
  head.saw(4);
  head.settle(2);
  assert.equal(head.now(), 5);
  head.settle(5);
  assert.equal(other.isSettled(5), true);
});

test('revisions beyond 32 bits go on', () => {
  const head = new SharedHead();
  for (const revision of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 + 7]) {
    const before = head.now();
    head.saw(revision);
    assert.notEqual(head.now(), before);
    head.settle(revision);
    assert.equal(head.isSettled(head.now()), true);
  }
});

const log: Log = { write: () => {}, with: () => log };
const write = (n: number, key: string, value: Uint8Array | undefined) => ({
  id: n.toString(16).padStart(32, '0'),
  writes: [{ key, value }],
});

const opened = async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'coffer-head-')), 'store.db');
  const shared = new SharedHead();
  const store = await openSqliteStore({
    path: file,
    clock: realClock(),
    log,
    fatal: () => {},
    shared,
    historyLimit: 20,
  });
  const follower = openFollowerStore(file, shared.memory);
  return {
    store,
    shared,
    follower,
    close: async () => {
      follower.close();
      await store.close();
    },
  };
};

test('who follows sees each commit once it is acknowledged, and what it wrote', async () => {
  const { store, shared, follower, close } = await opened();
  for (let n = 1; n <= 5; n++) {
    await store.commit(write(n, `k${n}`, new Uint8Array([n])));
    assert.equal(follower.now(), n);
    assert.deepEqual((await follower.get(`k${n}`))?.value, new Uint8Array([n]));
    await new Promise(done => setImmediate(done));
    assert.equal(shared.isSettled(n), true);
  }
  const changes = [...follower.changesAfter(2)];
  assert.deepEqual(
    changes.map(change => ('keys' in change ? change.keys : 'gap')),
    [['k3'], ['k4'], ['k5']],
  );
  assert.deepEqual([...follower.changesAfter(5)], []);
  await close();
});

test('a read that sees a commit before it is acknowledged tells so', async () => {
  const { store, shared, follower, close } = await opened();
  await store.commit(write(1, 'k', new Uint8Array([1])));
  const committing = store.commit(write(2, 'k', undefined));
  await new Promise(done => setImmediate(() => setImmediate(done)));
  // The acknowledgement cannot arrive here meanwhile.
  let found = follower.get('k');
  for (const begunMs = Date.now(); found !== undefined && Date.now() - begunMs < 5_000; ) found = follower.get('k');
  assert.equal(found, undefined);
  assert.equal(shared.now(), 2);
  assert.equal(shared.isSettled(2), false);
  await committing;
  await close();
});

test('who is too far behind is told of a gap', async () => {
  const { store, follower, close } = await opened();
  for (let n = 1; n <= 60; n++) await store.commit(write(n, 'k', new Uint8Array([n])));
  assert.deepEqual([...follower.changesAfter(0)], [{ compacted: 61 }]);
  assert.deepEqual([...follower.changesAfter(99)], [{ compacted: 61 }]);
  assert.equal([...follower.changesAfter(58)].length, 2);
  await close();
});

test('who follows writes nothing, and is told nothing by itself', async () => {
  const { follower, close } = await opened();
  await assert.rejects(follower.commit(write(1, 'k', new Uint8Array([1]))), { code: 'internal' });
  assert.throws(() => follower.changes(0, AbortSignal.abort()), { code: 'internal' });
  await close();
});
