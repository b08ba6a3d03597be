/** Crowds of connections: what silent ones cost, who makes room for whom, and that nobody is shut out by them. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import type { Handle } from '@coffer/server/contracts/wire.ts';
import { type Bed, bedsClosedAfter, plain, RawClient, settle, until } from './bed.ts';

const bedWith = bedsClosedAfter(after);

const whole = 'GET /v1/a HTTP/1.1\r\nHost: x\r\n\r\n';
const begun = 'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab';

async function asking(bed: Bed, bytes = whole): Promise<RawClient> {
  const client = RawClient.to(bed);
  client.send(bytes);
  await client.hears(1);
  return client;
}

async function silent(bed: Bed, localAddress = '127.0.0.1'): Promise<RawClient> {
  const client = new RawClient(
    connect({ port: bed.server.port, host: '127.0.0.1', localAddress, allowHalfOpen: true }),
  );
  await new Promise(done => client.socket.once('connect', done));
  await settle();
  return client;
}

const endings = (clients: readonly RawClient[]): boolean[] => clients.map(client => client.isEnded || client.isClosed);

/** Answers `/v1/held` only when told to. */
function holding(): { handle: Handle; release: () => void } {
  const held = Promise.withResolvers<void>();
  return {
    release: held.resolve,
    handle: async request => {
      await request.body(2000);
      if (request.rawTarget === '/v1/held') await held.promise;
      return plain('done');
    },
  };
}
const heldRequest = whole.replace('/v1/a', '/v1/held');

test('S14: a crowd of silent connections makes room for who asks, the oldest first', async () => {
  const bed = await bedWith({ limits: { connections: 3 } });
  const crowd = [await silent(bed), await silent(bed), await silent(bed)];
  const first = await asking(bed);
  assert.deepEqual(endings(crowd), [true, false, false]);
  const second = await asking(bed);
  assert.deepEqual(endings(crowd), [true, true, false]);
  assert.deepEqual([first.statuses, second.statuses, endings([first, second])], [[200], [200], [false, false]]);
  assert.equal(bed.logged.filter(({ message }) => message.startsWith('too many connections')).length, 1);
});

test('S14: who never asked goes before who was served, a slow body before an idle connection, however long idle', async () => {
  const bed = await bedWith({ limits: { connections: 3 } });
  const served = await asking(bed);
  bed.clock.turn(200_000);
  const slow = RawClient.to(bed);
  slow.send(begun);
  await settle();
  const mute = await silent(bed);
  const others = [await asking(bed)];
  assert.deepEqual(endings([served, slow, mute]), [false, false, true]);
  others.push(await asking(bed));
  assert.deepEqual(endings([served, slow, mute]), [false, true, true]);
  others.push(await asking(bed));
  assert.deepEqual(endings([served, slow, mute, ...others]), [true, true, true, false, false, false]);
});

test('S14: a connection that waits for the server makes room for nobody, whatever time its answer has', async () => {
  for (const deadline of [undefined, { seconds: 90, late: () => plain('late', 500) }]) {
    const { handle, release } = holding();
    const bed = await bedWith({ limits: { connections: 3 }, handle, ...(deadline === undefined ? {} : { deadline }) });
    const asked = [
      heldRequest,
      heldRequest.replace('GET', 'POST').replace('Host', 'Content-Length: 2\r\nHost') + 'ab',
      heldRequest.replace('GET', 'POST').replace('Host', 'Transfer-Encoding: chunked\r\nHost') + '0\r\n\r\n',
    ];
    const waiting = asked.map(bytes => {
      const client = RawClient.to(bed);
      client.send(bytes);
      return client;
    });
    await settle();
    const late = RawClient.to(bed);
    await late.ended();
    assert.deepEqual(endings(waiting), [false, false, false]);
    release();
    for (const client of waiting) await client.hears(1);
    for (const client of waiting) assert.deepEqual(client.statuses, [200]);
  }
});

test('S14: a client that takes none of its answer makes room as well, after those that are idle', async () => {
  const large = { status: 200, headers: [], body: Buffer.alloc(20_000_000) };
  const { handle, release } = holding();
  const bed = await bedWith({
    limits: { connections: 2 },
    handle: request => (request.rawTarget === '/v1/large' ? Promise.resolve(large) : handle(request)),
  });
  const stalled = RawClient.to(bed);
  stalled.socket.pause();
  stalled.send(whole.replace('/v1/a', '/v1/large'));
  await settle();
  const idle = await asking(bed);
  const held = RawClient.to(bed);
  held.send(heldRequest);
  await idle.ended();
  await asking(bed);
  stalled.socket.resume();
  await stalled.ended();
  assert.ok(stalled.received.length < large.body.length);
  release();
  await held.hears(1);
});

test('S14: one address has a bound of its own, and makes room among its own', async () => {
  const bed = await bedWith({ limits: { connectionsPerAddress: 2 } });
  const elsewhere = await silent(bed, '127.0.0.2');
  const crowd = [await silent(bed), await silent(bed), await silent(bed)];
  assert.deepEqual(endings([elsewhere, ...crowd]), [false, true, false, false]);
  crowd[1]?.socket.destroy();
  await settle();
  const next = await silent(bed);
  assert.deepEqual(endings([elsewhere, ...crowd, next]), [false, true, true, false, false]);
});

test('S14: connections that went the general way are counted once, and no longer when they are over', async () => {
  const bed = await bedWith({ limits: { connectionsPerAddress: 1 } });
  for (let turn = 0; turn < 3; turn++) {
    const client = await asking(bed, 'GET / HTTP/1.0\r\n\r\n');
    await client.ended();
    client.socket.destroy();
    await settle();
  }
  const stays = await asking(bed);
  await settle();
  assert.deepEqual(endings([stays]), [false]);
});

test('S14: a listener on a unix socket has no bound for each address', async () => {
  const path = `/tmp/coffer-crowd-${process.pid}.sock`;
  await bedWith({ listen: { address: { path } }, limits: { connectionsPerAddress: 1 } });
  const clients = [0, 1].map(() => new RawClient(connect({ path, allowHalfOpen: true })));
  for (const client of clients) client.send(whole);
  for (const client of clients) await client.hears(1);
  await until(() => clients.every(client => !client.isEnded));
  for (const client of clients) client.socket.destroy();
});
