/** Servers of PostgreSQL killed, restarted and replaced under load by two nodes. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { need } from '../counterparts/counterpart.ts';
import { postgres15, postgres18 } from '../counterparts/postgres.ts';
import { password, PostgresPlace, superuser } from '../peers/postgres/programs.ts';
import { type PostgresServer, startPostgres } from '../peers/postgres/server.ts';
import { Bed, say } from './postgres/bed.ts';
import { Told, untilAcknowledged, verify, writeOn } from './postgres/history.ts';

const old = need(postgres15);
const { skip, path: native } = need(postgres18);
let place: PostgresPlace;

before(() => {
  if (skip === false) place = new PostgresPlace(native);
});
after(() => {
  if (skip === false) place.remove();
});

const killed = async (
  server: PostgresServer,
  signals: readonly ('SIGKILL' | 'SIGINT' | 'SIGQUIT')[],
): Promise<number> => {
  const bed = new Bed();
  const nodes = [await bed.open(server.url()), await bed.open(server.url())];
  const told = new Told();
  const stop = writeOn(nodes, told);
  for (const [at, signal] of signals.entries()) {
    await untilAcknowledged(told, 100 * (at + 1));
    await server.stop(signal);
    await wait(100 * (at % 3));
    await server.start();
  }
  await untilAcknowledged(told, told.acknowledged.size + 100);
  await stop();
  // A node that made nothing has it all from the database.
  nodes.push(await bed.open(server.url()));
  for (const node of nodes) await verify(node, told);
  for (const node of nodes) await node.close();
  assert.deepEqual(bed.fatal, []);
  assert.ok(bed.quiet);
  return told.acknowledged.size;
};

const signals = ['SIGKILL', 'SIGQUIT', 'SIGKILL', 'SIGINT', 'SIGKILL', 'SIGKILL', 'SIGQUIT', 'SIGKILL'] as const;

test('F1: a server killed again and again under two nodes loses nothing acknowledged, and nothing is written twice', {
  skip,
}, async context => {
  const server = await startPostgres(place);
  try {
    context.diagnostic(`${await killed(server, signals)} acknowledged commits, none lost`);
  } finally {
    await server.stop('SIGKILL');
  }
});

test('F1: the same on the oldest version', { skip: old.skip }, async () => {
  const own = new PostgresPlace(old.path);
  const server = await startPostgres(own);
  try {
    await killed(server, signals.slice(0, 3));
  } finally {
    await server.stop('SIGKILL');
    own.remove();
  }
});

/** A standby of a server that does not run. */
const standbyOf = (primary: PostgresServer): string => {
  const data = place.copyData(primary.data);
  const conninfo = `host=127.0.0.1 port=${primary.port} user=${superuser} password=${password} application_name=standby`;
  place.write(path.join(data, 'standby.signal'), '');
  place.write(path.join(data, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  return data;
};

test('F1: after a failover to a synchronous standby everything acknowledged is there, and nodes find it by themselves', {
  skip,
}, async context => {
  const primary = await startPostgres(place);
  await primary.stop();
  const data = standbyOf(primary);
  await primary.start();
  const standby = await startPostgres(place, { hot_standby: 'on' }, data);
  try {
    await say(primary.url(), `ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
    await say(primary.url(), 'SELECT pg_reload_conf()');
    const bed = new Bed();
    const url = standby.url().replace(`:${standby.port}/`, `:${standby.port},127.0.0.1:${primary.port}/`);
    const nodes = [await bed.open(url), await bed.open(url)];
    const told = new Told();
    const stop = writeOn(nodes, told);
    await untilAcknowledged(told, 500);
    await primary.stop('SIGKILL');
    await wait(300);
    await say(standby.url(), 'SELECT pg_promote()');
    await untilAcknowledged(told, told.acknowledged.size + 500);
    await stop();
    nodes.push(await bed.open(url));
    for (const node of nodes) await verify(node, told);
    for (const node of nodes) await node.close();
    assert.deepEqual(bed.fatal, []);
    context.diagnostic(
      `${told.acknowledged.size} acknowledged, ${told.unknown.size} unknown, ${told.refused.size} refused`,
    );
  } finally {
    await standby.stop('SIGKILL');
    await primary.stop('SIGKILL');
  }
});

test('F1: a database that went back behind what was acknowledged ends the process, loudly', { skip }, async () => {
  const server = await startPostgres(place);
  const bed = new Bed();
  const store = await bed.open(server.url());
  const put = (id: number) =>
    store.commit({ id: `${id}`.padStart(32, '0'), writes: [{ key: 'k', value: Buffer.from(`${id}`) }] });
  await put(1);
  await server.stop();
  const earlier = place.copyData(server.data);
  await server.start();
  for (let id = 2; id < 10; id++) await put(id);
  await server.stop('SIGKILL');
  const other = await startPostgres(place, { port: `${server.port}` }, earlier);
  try {
    await assert.rejects(put(10), /The database went back: it is at revision 1, but 9 had been acknowledged/);
    await assert.rejects(store.head(), /went back/);
    assert.equal(bed.fatal.length, 1);
    await store.close();
  } finally {
    await other.stop('SIGKILL');
  }
});
