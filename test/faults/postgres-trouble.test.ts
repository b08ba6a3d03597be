/** Servers that refuse, stand still, or are not what a store needs: every failure is bounded, has words, and passes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Link } from '../../packages/server/src/platform/postgres/link.ts';
import { need } from '../counterparts/counterpart.ts';
import { postgres18 } from '../counterparts/postgres.ts';
import { PostgresPlace } from '../peers/postgres/programs.ts';
import { type PostgresServer, startPostgres } from '../peers/postgres/server.ts';
import { bareLink, Bed, say } from './postgres/bed.ts';

const { skip, path: native } = need(postgres18);
let place: PostgresPlace;
let server: PostgresServer;

before(async () => {
  if (skip !== false) return;
  place = new PostgresPlace(native);
  server = await startPostgres(place, { max_connections: '20' });
});
after(async () => {
  if (skip !== false) return;
  await server.stop('SIGKILL');
  place.remove();
});

const idOf = (n: number): string => n.toString(16).padStart(32, '0');
const failsWith = (words: RegExp) => (error: unknown) =>
  error instanceof CofferError && error.code === 'storage_failed' && words.test(error.message);

test('F1: a database that became read-only refuses writes with words, is read on, and takes writes again', {
  skip,
}, async () => {
  const bed = new Bed();
  const store = await bed.open(server.url(), { table: 'readonly' });
  await store.commit({ id: idOf(1), writes: [{ key: 'k', value: Buffer.from('v') }] });
  await store.get('k');
  await say(server.url(), 'ALTER SYSTEM SET default_transaction_read_only = on');
  await say(server.url(), 'SELECT pg_reload_conf()');
  await wait(200);
  await assert.rejects(store.commit({ id: idOf(2), writes: [] }), failsWith(/takes no writes: .*\(25006\)/));
  assert.equal(Buffer.from((await store.get('k'))?.value ?? []).toString(), 'v');
  const link = await bareLink(server.url());
  for (const text of [
    'SET default_transaction_read_only = off',
    'ALTER SYSTEM RESET default_transaction_read_only',
    'SELECT pg_reload_conf()',
  ])
    await link.ask({ statement: { name: '', text }, values: [] }, 10_000);
  link.destroy();
  await wait(200);
  assert.deepEqual(await store.commit({ id: idOf(2), writes: [] }), { ok: true, revision: 2 });
  await store.close();
});

test('F1: a database without free connections is told as that, and served again afterwards', { skip }, async () => {
  const bed = new Bed();
  const store = await bed.open(server.url(), { table: 'crowded', idle: 0 });
  await store.commit({ id: idOf(1), writes: [{ key: 'k', value: Buffer.from('v') }] });
  const taken: Link[] = [];
  for (;;) {
    const link = await bareLink(server.url()).catch(() => undefined);
    if (link === undefined) break;
    taken.push(link);
  }
  await assert.rejects(
    async () => store.get('k'),
    failsWith(/no connections or memory left: raise max_connections.*\(53300\)/),
  );
  for (const link of taken) link.destroy();
  await wait(500);
  assert.equal((await store.get('k'))?.revision, 1);
  assert.deepEqual(await store.commit({ id: idOf(2), writes: [] }), { ok: true, revision: 2 });
  await store.close();
});

test('F1: a server that stands still costs a bounded time, and is used again when it goes on', { skip }, async () => {
  const bed = new Bed();
  const store = await bed.open(server.url(), { table: 'still' });
  await store.commit({ id: idOf(1), writes: [{ key: 'k', value: Buffer.from('v') }] });
  await store.get('k');
  await store.head();
  server.still();
  const late = store.commit({ id: idOf(2), writes: [{ key: 'late', value: Buffer.from('v') }] });
  try {
    await Promise.all([
      assert.rejects(store.moment(), failsWith(/does not answer in time \(ETIMEDOUT\)/)),
      assert.rejects(async () => store.get('k'), failsWith(/does not answer in time \(ETIMEDOUT\)/)),
      assert.rejects(late, failsWith(/does not answer in time \(ETIMEDOUT\)/)),
    ]);
  } finally {
    server.wake();
  }
  assert.equal((await store.get('k'))?.revision, 1);
  assert.equal(await store.get('late'), undefined);
  assert.deepEqual(await store.commit({ id: idOf(3), writes: [] }), { ok: true, revision: 2 });
  assert.ok(bed.quiet);
  await store.close();
});

test('F1: those who follow the changes miss nothing while the server is away', { skip }, async () => {
  const bed = new Bed();
  const one = await bed.open(server.url(), { table: 'followed' });
  const other = await bed.open(server.url(), { table: 'followed' });
  const stop = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const change of one.changes(0, stop.signal)) {
      assert.ok('keys' in change);
      seen.push(change.revision);
    }
  })();
  for (let n = 1; n <= 30; n++) {
    await other.commit({ id: idOf(n), writes: [{ key: `k${n}`, value: Buffer.from('v') }] });
    if (n % 10 !== 0) continue;
    await server.stop('SIGKILL');
    await server.start();
  }
  for (let waitedMs = 0; seen.length < 30 && waitedMs < 60_000; waitedMs += 20) await wait(20);
  assert.deepEqual(
    seen,
    Array.from({ length: 30 }, (_, at) => at + 1),
  );
  stop.abort();
  await following;
  await Promise.all([one.close(), other.close()]);
});

test('many nodes that start at once make the tables once', { skip }, async () => {
  const bed = new Bed();
  const nodes = await Promise.all(
    Array.from({ length: 6 }, () => bed.open(server.url(), { table: 'own.together', idle: 0 })),
  );
  await Promise.all(nodes.map((node, at) => node.commit({ id: idOf(at + 1), writes: [] })));
  for (const node of nodes) assert.equal(await node.head(), 6);
  await Promise.all(nodes.map(node => node.close()));
});

test('tables of a newer format, without a head, or of another store are refused', { skip }, async () => {
  const bed = new Bed();
  const store = await bed.open(server.url(), { table: 'newer' });
  await store.commit({ id: idOf(1), writes: [] });
  await say(server.url(), 'UPDATE newer_head SET format = 2');
  await assert.rejects(bed.open(server.url(), { table: 'newer' }), /have format 2; this version reads up to 1/);
  await assert.rejects(store.commit({ id: idOf(2), writes: [] }), /have format 2/);
  await say(server.url(), `UPDATE newer_head SET format = 1, store = 'other'`);
  await assert.rejects(store.commit({ id: idOf(3), writes: [] }), /the tables are those of another store/);
  assert.equal(bed.fatal.length, 1);
  await store.close();
  await say(server.url(), 'DELETE FROM newer_head');
  await assert.rejects(bed.open(server.url(), { table: 'newer' }), /but not its head/);
});

test('a user without rights is told so', { skip }, async () => {
  const bed = new Bed();
  await (await bed.open(server.url(), { table: 'foreign' })).close();
  await say(server.url(), `CREATE ROLE guest LOGIN PASSWORD 'guest'`);
  const url = server.url().replace(/\/\/[^@]*@/, '//guest:guest@');
  await assert.rejects(bed.open(url, { table: 'foreign' }), failsWith(/does not permit this to the user: .*\(42501\)/));
  await assert.rejects(bed.open(url, { table: 'fresh' }), failsWith(/does not permit this to the user: .*\(42501\)/));
});

test('F1: a server that could lose what it acknowledged is refused', { skip }, async () => {
  for (const [settings, words] of [
    [{ fsync: 'off' }, /fsync=off/],
    [{ data_sync_retry: 'on' }, /data_sync_retry=on/],
  ] as const) {
    const unsafe = await startPostgres(place, settings);
    const bed = new Bed();
    try {
      await assert.rejects(bed.open(unsafe.url()), failsWith(words));
    } finally {
      await unsafe.stop('SIGKILL');
    }
  }
  const loose = await startPostgres(place, { full_page_writes: 'off', synchronous_commit: 'off' });
  const bed = new Bed();
  try {
    const store = await bed.open(loose.url());
    assert.match(bed.lines.join(''), /full_page_writes is off/);
    await store.commit({ id: idOf(1), writes: [] });
    await store.close();
  } finally {
    await loose.stop('SIGKILL');
  }
});
