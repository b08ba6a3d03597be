/** What happens between a commit, its acknowledgement, and whoever asks meanwhile. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Capabilities, Engine } from '../../packages/server/src/contracts/engine.ts';
import { openFrontBed, settled } from './bed.ts';

type Cx = Pick<Capabilities, 'storage'>;
const { read, write } = rowsFor<Cx>();

/** Lets a test hold a read between two of its own. */
const held = { before: async (): Promise<void> => {}, failure: undefined as Error | undefined };

const textOf = async (storage: Cx['storage'], key: string): Promise<string> => {
  const entry = await storage.get(key);
  return entry === undefined ? '' : new TextDecoder().decode(entry.value);
};

/** Two records that are always written alike. */
const pairs: Engine = {
  type: 'pairs',
  kind: 'secret',
  needs: ['storage'],
  rows: [
    read('pair', { summary: 'read both' }, async ({ storage }) => {
      if (held.failure !== undefined) throw held.failure;
      const one = await textOf(storage, 'one');
      await held.before();
      return { one, other: await textOf(storage, 'other') };
    }),
    write('pair', { summary: 'write both' }, async ({ storage }) => {
      const value = new TextEncoder().encode(String(++written));
      await storage.commit({ writes: ['one', 'other'].map(key => ({ key, value })) });
    }),
  ],
} as never;
let written = 0;

const bed = await openFrontBed({ engines: [pairs] });
const { main, front, handed, shared } = bed;
after(() => bed.close());
await main.root('POST', 'sys/mounts/pairs', { type: 'pairs' });
await main.root('POST', 'pairs/pair');
await settled(bed, 'pairs/pair');
beforeEach(() => {
  handed.splice(0);
  held.before = async () => {};
  held.failure = undefined;
});

test('a commit that can be seen and is not acknowledged is nothing to answer from', async () => {
  await main.root('POST', 'secret/data/a', { data: { n: 1 } });
  await settled(bed, 'secret/data/a');
  handed.splice(0);
  let isDone = false;
  const writing = main.root('POST', 'secret/data/a', { data: { n: 2 } }).then(() => (isDone = true));
  // The writer commits while this thread, on which the acknowledgement would arrive, does not let go.
  await new Promise(done => setImmediate(() => setImmediate(done)));
  const step = shared.now();
  for (const begunMs = Date.now(); Date.now() - begunMs < 200; ) if (isSeenSince(step)) break;
  assert.notEqual(shared.now(), step);
  assert.equal(isDone, false);
  assert.equal(bed.inStep.current(), undefined);
  const told = await front('GET', 'secret/data/a');
  assert.deepEqual(handed, ['GET /v1/secret/data/a']);
  assert.equal(told.json.data.data.n, 2);
  await writing;
});

/** Reads, as any request would: what a read has seen is told to all. */
const isSeenSince = (step: number): boolean => {
  void bed.store.get('1/nothing');
  return shared.now() !== step;
};

test('what was found on both sides of a commit is thrown away', async () => {
  await settled(bed, 'pairs/pair');
  handed.splice(0);
  held.before = async () => {
    held.before = async () => {};
    await main.root('POST', 'pairs/pair');
  };
  const { one, other } = (await front('GET', 'pairs/pair')).json.data;
  assert.equal(one, other);
  assert.deepEqual(handed, ['GET /v1/pairs/pair']);
});

test('what fails only here is done by the other', async () => {
  await settled(bed, 'pairs/pair');
  handed.splice(0);
  held.failure = new Error('a bug, or a disk');
  assert.equal((await front('GET', 'pairs/pair')).status, 500);
  assert.deepEqual(handed, ['GET /v1/pairs/pair']);
});

test('a store that cannot be read here is read by the other', async () => {
  const { changesAfter } = bed.store;
  await main.root('POST', 'secret/data/b', { data: { n: 1 } });
  bed.store.changesAfter = () => {
    throw new Error('a disk');
  };
  assert.equal((await front('GET', 'secret/data/b')).json.data.data.n, 1);
  assert.deepEqual(handed, ['GET /v1/secret/data/b']);
  bed.store.changesAfter = changesAfter;
  await settled(bed, 'secret/data/b');
});

test('what cannot be followed is tried again, and nothing is answered meanwhile', async () => {
  const { follow } = bed.core.mounts;
  let isBroken = true;
  bed.core.mounts.follow = ids => (isBroken ? Promise.reject(new Error('not now')) : follow.call(bed.core.mounts, ids));
  await main.root('POST', 'sys/mounts/late', { type: 'kv' });
  for (let asked = 0; asked < 3; asked++) {
    assert.equal((await front('GET', 'secret/data/b')).status, 200);
    await main.clock.advance(100);
  }
  assert.equal(handed.length, 3);
  isBroken = false;
  await main.clock.advance(100);
  await settled(bed, 'secret/data/b');
  bed.core.mounts.follow = follow;
});

test('more changes than are told one by one are followed all the same', async () => {
  const { changesAfter } = bed.store;
  bed.store.changesAfter = () => [{ compacted: shared.now() + 1 }];
  await main.root('POST', 'sys/policies/acl/p', { policy: 'path "secret/*" { capabilities = ["read"] }' });
  const token = (await main.root('POST', 'auth/token/create', { policies: ['p'] })).json.auth.client_token;
  assert.equal((await settled(bed, 'secret/data/b', { token })).status, 200);
  await main.root('POST', 'secret/data/b', { data: { n: 7 } });
  assert.equal((await settled(bed, 'secret/data/b', { token })).json.data.data.n, 7);
  bed.store.changesAfter = changesAfter;
});

test('an answer that cannot be put on record is not given', async () => {
  const { writeFrom } = main.core.audit;
  main.core.audit.writeFrom = () => Promise.reject(new Error('full'));
  assert.equal((await front('GET', 'secret/data/b')).status, 500);
  assert.deepEqual(bed.core.audit.unrecorded, { requests: 0, responses: 1 });
  assert.deepEqual(handed, []);
  main.core.audit.writeFrom = writeFrom;
  assert.equal((await settled(bed, 'secret/data/b')).status, 200);
});
