/** Commits whose outcome nobody told: each is made once, and answered with the revision that it has. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { statementsOf } from '../../packages/server/src/platform/postgres/statements.ts';
import { need } from '../counterparts/counterpart.ts';
import { postgres18 } from '../counterparts/postgres.ts';
import { PostgresPlace } from '../peers/postgres/programs.ts';
import { type PostgresServer, startPostgres } from '../peers/postgres/server.ts';
import { Bed, say, storeLink } from './postgres/bed.ts';
import { CuttingRelay } from './postgres/cutting.ts';
import { Told, untilAcknowledged, verify, writeOn } from './postgres/history.ts';

const { skip, path: native } = need(postgres18);
let place: PostgresPlace;
let server: PostgresServer;

before(async () => {
  if (skip !== false) return;
  place = new PostgresPlace(native);
  server = await startPostgres(place);
});
after(async () => {
  if (skip !== false) return;
  await server.stop('SIGKILL');
  place.remove();
});

const idOf = (n: number): string => n.toString(16).padStart(32, '0');
const through = (relay: CuttingRelay): string => server.url().replace(`:${server.port}/`, `:${relay.port}/`);

test('F1: a commit whose request or answer is lost is looked up, made once, and answered', { skip }, async () => {
  const relay = await CuttingRelay.to(server.port);
  const bed = new Bed();
  const store = await bed.open(through(relay), { table: 'cut' });
  try {
    for (let n = 1; n <= 40; n++) {
      const loss = n % 2 === 0 ? 'answer' : 'request';
      relay.loseNext(loss);
      const commit = {
        id: idOf(n),
        checks: [{ key: `k${n}`, expect: 'absent' as const }],
        writes: [{ key: `k${n}`, value: Buffer.from(loss) }],
      };
      assert.deepEqual(await store.commit(commit), { ok: true, revision: n }, loss);
    }
    assert.equal(relay.losses, 40);
    assert.equal(await store.head(), 40);
    assert.equal((await store.range('k')).length, 40);
  } finally {
    await store.close();
    relay.close();
  }
});

test('F1: what another node committed meanwhile is seen when a lost commit is decided anew', { skip }, async () => {
  const relay = await CuttingRelay.to(server.port);
  const bed = new Bed();
  const store = await bed.open(through(relay), { table: 'meanwhile' });
  const other = await bed.open(server.url(), { table: 'meanwhile' });
  const taking = (id: number) => ({
    id: idOf(id),
    checks: [{ key: 'k', expect: 'absent' as const }],
    writes: [{ key: 'k', value: Buffer.from(`${id}`) }],
  });
  try {
    relay.loseNext('request');
    const [one, two] = await Promise.all([store.commit(taking(1)), other.commit(taking(2))]);
    assert.equal(Number(one.ok) + Number(two.ok), 1);
    assert.equal(await store.head(), 1);
  } finally {
    await store.close();
    await other.close();
    relay.close();
  }
});

test('F1: many writers over a way that loses commits again and again', { skip }, async context => {
  const relay = await CuttingRelay.to(server.port);
  const bed = new Bed();
  const nodes = [await bed.open(through(relay), { table: 'many' }), await bed.open(through(relay), { table: 'many' })];
  const told = new Told();
  const stop = writeOn(nodes, told);
  for (let round = 0; round < 30; round++) {
    relay.loseNext(round % 2 === 0 ? 'answer' : 'request');
    await untilAcknowledged(told, told.acknowledged.size + 20);
  }
  await stop();
  nodes.push(await bed.open(server.url(), { table: 'many' }));
  for (const node of nodes) await verify(node, told);
  for (const node of nodes) await node.close();
  relay.close();
  assert.deepEqual([told.unknown.size, told.refused.size], [0, 0]);
  context.diagnostic(`${told.acknowledged.size} acknowledged over ${relay.losses} lost commits`);
});

test('F1: a snapshot whose COMMIT is lost is in place, or is not, as is answered', { skip }, async () => {
  const relay = await CuttingRelay.to(server.port);
  const bed = new Bed();
  const store = await bed.open(through(relay), { table: 'replaced' });
  const put = (key: string) =>
    store.commit({ id: randomBytes(16).toString('hex'), writes: [{ key, value: Buffer.from(key) }] });
  const keys = async (): Promise<string[]> => (await store.range('')).map(({ key }) => key);
  try {
    await put('old');
    const copy = await store.copy();
    await put('new');
    relay.loseNext('answer');
    const revision = await store.replace(copy);
    assert.deepEqual([await keys(), await store.head()], [['old'], revision]);
    await put('newer');
    relay.loseNext('request');
    await assert.rejects(store.replace(copy), /cannot be reached/);
    assert.deepEqual(await keys(), ['newer', 'old']);
    await put('last');
    assert.equal(relay.losses, 2);
  } finally {
    await store.close();
    relay.close();
  }
});

test('F1: a commit that the standby has not confirmed is not acknowledged, though the server gave up waiting', {
  skip,
}, async () => {
  const bed = new Bed();
  const store = await bed.open(server.url(), { table: 'standby' });
  await store.commit({ id: idOf(1), writes: [] });
  await say(server.url(), `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
  await say(server.url(), 'SELECT pg_reload_conf()');
  let isAnswered = true;
  let revision = 1;
  let answer: ReturnType<typeof store.commit> | undefined;
  // The server takes what it is told when it comes to it.
  while (isAnswered) {
    isAnswered = false;
    answer = store.commit({ id: idOf(++revision), writes: [{ key: 'k', value: Buffer.from('v') }] });
    void answer.then(() => {
      isAnswered = true;
    });
    await wait(1_000);
  }
  const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
  for (let cancelled = 0, waitedMs = 0; cancelled < 2; waitedMs += 50) {
    assert.ok(waitedMs < 60_000);
    cancelled += (await say(server.url(), cancel)).rows.length;
    await wait(50);
  }
  assert.equal(isAnswered, false);
  assert.ok((await store.get('k')) !== undefined, 'the server has made it');
  await say(server.url(), 'ALTER SYSTEM RESET synchronous_standby_names');
  await say(server.url(), 'SELECT pg_reload_conf()');
  assert.deepEqual(await answer, { ok: true, revision });
  assert.equal(await store.head(), revision);
  await store.close();
});

test('F1: a node that stands still while it holds the lock is put out by the server, and others go on', {
  skip,
}, async () => {
  const bed = new Bed();
  const store = await bed.open(server.url());
  await store.commit({ id: idOf(1), writes: [] });
  const { begin, lock } = statementsOf('coffer');
  const still = await storeLink(bed, server.url());
  await still.run(
    [
      { statement: begin, values: [] },
      { statement: lock, values: [] },
    ],
    10_000,
  );
  const moments = store.moment();
  assert.equal((await moments).revision, 1);
  assert.deepEqual(await store.commit({ id: idOf(2), writes: [] }), { ok: true, revision: 2 });
  await assert.rejects(still.run([{ statement: lock, values: [] }], 10_000));
  await store.close();
});
