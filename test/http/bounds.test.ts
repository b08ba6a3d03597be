/** What a client may keep of a listener's time: slow heads, slow bodies, idle connections, answers nobody takes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Handle, WireAnswer } from '@coffer/server/contracts/wire.ts';
import { type Bed, bedsClosedAfter, plain, RawClient, settle, until } from './bed.ts';

const bedWith = bedsClosedAfter(after);

const whole = 'GET /v1/a HTTP/1.1\r\nHost: x\r\n\r\n';

/** Opens a connection that has certainly been accepted: it has had one answer. */
async function accepted(bed: Bed): Promise<RawClient> {
  const client = RawClient.to(bed);
  client.send(whole);
  await client.hears(1);
  return client;
}

test('S14: a head that trickles in is refused ten seconds after its first byte, however often a byte comes', async () => {
  const bed = await bedWith();
  const client = await accepted(bed);
  client.send('GET /v1/a HTTP/1.1\r\nHost: x\r\n');
  await settle();
  for (let second = 0; second < 10; second++) {
    assert.equal(client.isEnded, false, `second ${second}`);
    client.send(`X-${second}: y\r\n`);
    await settle();
    bed.clock.turn(1000);
  }
  bed.clock.turn(2000);
  await client.ended();
  assert.deepEqual(client.statuses, [200, 408]);
  assert.match(
    client.received,
    /Cache-Control: no-store\r\n[^]*\{"errors":\["the request took too long to arrive"\]\}$/,
  );
});

test('S14: a client that never sends a byte is let go like one with a slow head, without an answer', async () => {
  const bed = await bedWith();
  const [waiting, silent] = [await accepted(bed), RawClient.to(bed)];
  await settle();
  bed.clock.turn(9000);
  await settle();
  assert.equal(silent.isEnded, false);
  bed.clock.turn(3000);
  await silent.ended();
  bed.clock.turn(287_000);
  await settle();
  assert.equal(waiting.isEnded, false);
  bed.clock.turn(3000);
  await waiting.ended();
  assert.deepEqual([silent.received, waiting.statuses], ['', [200]]);
});

test('S14: the first byte does not begin the time for the first head anew', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  await settle();
  bed.clock.turn(9000);
  client.send('GET /v1/a HTTP/1.1\r\n');
  await settle();
  bed.clock.turn(3000);
  await client.ended();
  assert.deepEqual(client.statuses, [408]);
});

test('S14: a request after which the client waits keeps its connection alive', async () => {
  const bed = await bedWith();
  const client = await accepted(bed);
  for (let turn = 2; turn < 6; turn++) {
    bed.clock.turn(200_000);
    client.send(whole);
    await client.hears(turn);
  }
  assert.equal(client.isEnded, false);
  client.socket.destroy();
});

test('S13: a body that trickles in fails its reader with a time-out, and the connection closes', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  client.send('POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab');
  await settle();
  for (let second = 0; second < 29; second++) {
    client.send('c');
    bed.clock.turn(1000);
  }
  await settle();
  assert.equal(client.received, '');
  bed.clock.turn(3000);
  await client.ended();
  assert.deepEqual(client.statuses, [408]);
  assert.match(client.received, /Connection: close/);
});

test('S13: a chunked body that trickles in ends with its connection', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  client.send('POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab');
  await settle();
  bed.clock.turn(29_000);
  await settle();
  assert.equal(client.isClosed, false);
  bed.clock.turn(3000);
  await client.ended();
  assert.equal(bed.seen.length, 0);
});

test('a handler may take longer than any of the limits on reading', async () => {
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const bed = await bedWith({
    handle: async request => {
      await request.body(100);
      await held;
      return plain('done');
    },
  });
  const asked = [whole, 'POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab'];
  asked.push('POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n');
  const clients = asked.map(text => {
    const client = RawClient.to(bed);
    client.send(text.slice(0, -1));
    return { client, last: text.slice(-1) };
  });
  await settle();
  for (const { client, last } of clients) client.send(last);
  await settle();
  bed.clock.turn(600_000);
  release();
  for (const { client } of clients) {
    await client.hears(1);
    assert.deepEqual(client.statuses, [200]);
    client.socket.destroy();
  }
});

const late = { seconds: 90, late: () => plain('late', 500) };
const chunked = 'POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';

test('an answer that takes too long is given for, and the one that comes after all goes nowhere', async () => {
  for (const request of [whole, chunked]) {
    const { promise, resolve } = Promise.withResolvers<WireAnswer>();
    const handle: Handle = async asked => {
      await asked.body(100);
      return promise;
    };
    const bed = await bedWith({ deadline: late, handle });
    const client = RawClient.to(bed);
    client.send(request);
    await settle();
    bed.clock.turn(89_000);
    await settle();
    assert.deepEqual(client.statuses, []);
    bed.clock.turn(5_000);
    await client.hears(1);
    resolve(plain('in the end'));
    await settle();
    assert.deepEqual(client.statuses, [500]);
    assert.match(client.received, /late/);
    assert.doesNotMatch(client.received, /in the end/);
    client.socket.destroy();
  }
});

test('an answer in time ends its deadline: one that comes in pieces may take longer, and the next request has its own', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('first');
    await promise;
    yield Buffer.from('last');
  }
  const answers = [{ status: 200, headers: [], body: pieces() }, plain('next')];
  const bed = await bedWith({ deadline: late, handle: async () => answers.shift() ?? plain('none') });
  const client = await accepted(bed);
  bed.clock.turn(200_000);
  await settle();
  resolve(undefined);
  client.send(whole);
  await client.hears(2);
  assert.match(client.received, /first[^]*last[^]*next$/);
  assert.doesNotMatch(client.received, /late/);
  client.socket.destroy();
});

const stalling = { writeStallMs: 100 };

test('S14: a client that takes none of its answer is let go', async () => {
  const body = Buffer.alloc(20_000_000);
  const bed = await bedWith({ limits: stalling, handle: async () => ({ status: 200, headers: [], body }) });
  for (const asked of [whole + whole, whole.replace('Host', 'Connection: close\r\nHost'), 'GET / HTTP/1.0\r\n\r\n']) {
    const client = RawClient.to(bed);
    client.socket.pause();
    client.send(asked);
    await pause(1000);
    client.socket.resume();
    await client.ended();
    assert.ok(client.received.length < body.length, asked);
    client.socket.destroy();
  }
});

test('a client that takes its answer slowly gets all of it', async () => {
  const body = Buffer.alloc(20_000_000);
  const bed = await bedWith({ limits: stalling, handle: async () => ({ status: 200, headers: [], body }) });
  const client = RawClient.to(bed);
  client.send(whole.replace('Host', 'Connection: close\r\nHost'));
  while (!client.isEnded && !client.isClosed) {
    client.socket.resume();
    await pause(1);
    client.socket.pause();
    bed.clock.turn(3000);
    await pause(15);
  }
  assert.ok(client.received.length > body.length);
  client.socket.destroy();
});

test('S14: a client that takes none of a body in pieces is let go, and the source told', async () => {
  let stopped = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(100_000);
    } finally {
      stopped++;
    }
  }
  const bed = await bedWith({
    limits: stalling,
    handle: async () => ({ status: 200, headers: [], body: endless() }),
  });
  for (const asked of [whole, 'GET / HTTP/1.0\r\n\r\n']) {
    const client = RawClient.to(bed);
    client.socket.pause();
    client.send(asked);
    const before = stopped;
    await until(() => stopped > before);
    client.socket.destroy();
  }
});

test('S14: heads past their bounds are refused before they end', async () => {
  const bed = await bedWith();
  const field = `X-A: ${'a'.repeat(1000)}\r\n`;
  const cases = [
    `GET /v1/${'a'.repeat(17_000)}`,
    `GET /v1/${'a'.repeat(16_400)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /v1/a HTTP/1.1\r\nHost: x\r\n${field.repeat(34)}`,
    `GET /v1/a HTTP/1.1\r\nHost: x\r\n${field.repeat(33)}\r\n`,
    `GET /v1/a HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(100)}`,
    'A'.repeat(17_000),
    `POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n${'a: b\r\n'.repeat(99)}\r\n0\r\n\r\n`,
  ];
  for (const [index, bytes] of cases.entries()) {
    for (const cut of [bytes.length, bytes.length >> 1, 100]) {
      const client = RawClient.to(bed);
      client.send(bytes.slice(0, cut));
      await new Promise(done => setImmediate(done));
      client.send(bytes.slice(cut));
      await client.ended();
      assert.deepEqual(client.statuses, [431], `case ${index}, cut ${cut}`);
      client.socket.destroy();
    }
  }
  assert.equal(bed.seen.length, 0);
});

test('a head of exactly a hundred fields passes', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  client.send(`GET /v1/a HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(99)}\r\n`);
  await client.hears(1);
  assert.deepEqual([client.statuses, bed.seen[0]?.request.headers.get('a')?.length], [[200], 295]);
  client.socket.destroy();
});

test('S14: empty lines without end do not keep a connection', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  client.send('\r\n'.repeat(50));
  await client.ended();
  assert.deepEqual(client.statuses, [400]);
});
