/** Connections of the front parser, over real sockets: order, splits, bodies, closing. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { WireAnswer } from '@coffer/server/contracts/wire.ts';
import { bedsClosedAfter, plain, RawClient, settle, startBed, until } from './bed.ts';

const bedWith = bedsClosedAfter(after);

const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const post = (target: string, body: string, more = ''): string =>
  `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

test('requests on one connection are answered one after the other, and the connection stays', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  for (const [index, method] of ['GET', 'LIST', 'SCAN', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'POST'].entries()) {
    client.send(`${method} /v1/a${index} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await client.hears(index + 1);
  }
  assert.deepEqual(
    bed.seen.map(({ method, target }) => `${method} ${target}`),
    [
      'GET /v1/a0',
      'LIST /v1/a1',
      'SCAN /v1/a2',
      'DELETE /v1/a3',
      'OPTIONS /v1/a4',
      'PUT /v1/a5',
      'PATCH /v1/a6',
      'POST /v1/a7',
    ],
  );
  assert.equal(client.isEnded, false);
  client.socket.destroy();
});

test('a request may be split at every byte, inside the verb too', async () => {
  const bed = await bedWith();
  const whole = `LIST /v1/a HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n${post('/v1/b', 'body')}`;
  for (let cut = 1; cut < whole.length; cut++) {
    const client = RawClient.to(bed);
    client.send(whole.slice(0, cut));
    await new Promise(done => setImmediate(done));
    client.send(whole.slice(cut));
    await client.hears(2);
    client.socket.destroy();
  }
  assert.equal(
    bed.seen.filter(({ method, request }) => method === 'LIST' && request.headers.get('x-a') === '1').length,
    whole.length - 1,
  );
  assert.equal(bed.seen.filter(({ body }) => body === 'body').length, whole.length - 1);
});

test('a request that comes byte by byte is one request', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  for (const byte of post('/v1/slow', 'x\r\n\r\ny', 'X-Long: abc\r\n')) {
    client.send(byte);
    await new Promise(done => setImmediate(done));
  }
  await client.hears(1);
  assert.deepEqual([bed.seen.length, bed.seen[0]?.body], [1, 'x\r\n\r\ny']);
  client.socket.destroy();
});

test('pipelined requests are run one at a time and answered in order', async () => {
  let running = 0;
  let most = 0;
  const bed = await bedWith({
    handle: async request => {
      most = Math.max(most, ++running);
      await settle();
      running--;
      return plain(request.rawTarget);
    },
  });
  const client = RawClient.to(bed);
  client.send(get('/v1/1') + get('/v1/2') + get('/v1/3'));
  await client.hears(3);
  assert.equal(most, 1);
  assert.deepEqual([...client.received.matchAll(/\/v1\/\d/g)].map(String), ['/v1/1', '/v1/2', '/v1/3']);
  client.socket.destroy();
});

test('S13: what a client sends ahead of its turn is not read without bound', async () => {
  let release = (): void => {};
  const first = new Promise<void>(resolve => {
    release = resolve;
  });
  let count = 0;
  const bed = await bedWith({
    handle: async () => {
      if (count++ === 0) await first;
      return plain('');
    },
  });
  const client = RawClient.to(bed);
  const request = get('/v1/a', `X-Fill: ${'f'.repeat(4000)}\r\n`);
  const total = 8000;
  for (let index = 0; index < total; index++) client.send(request);
  await settle();
  await settle();
  // The socket buffers of both ends take some megabytes; the rest stays with the client.
  assert.ok(client.socket.writableLength > (total * request.length) / 4, String(client.socket.writableLength));
  release();
  await until(() => count === total);
  await client.hears(total);
  client.socket.destroy();
});

test('HEAD is answered with the length and without the body', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  client.send(`HEAD /v1/a HTTP/1.1\r\nHost: x\r\n\r\n${get('/v1/b')}`);
  await client.hears(2);
  await until(() => client.received.endsWith('GET /v1/b '));
  assert.match(client.received, /^HTTP\/1\.1 200 OK\r\nDate: [^\r]+\r\nContent-Length: 11\r\n\r\nHTTP\/1\.1 200/);
  client.socket.destroy();
});

test("answers without content have no length, and the date is the clock's", async () => {
  const bed = await bedWith({ handle: async () => ({ status: 204, headers: [['X-A', 'b']], body: undefined }) });
  const client = RawClient.to(bed);
  client.send(get('/v1/a'));
  await client.hears(1);
  assert.equal(client.received, 'HTTP/1.1 204 No Content\r\nX-A: b\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT\r\n\r\n');
  client.socket.destroy();
});

test('the connection closes where the client asks for it', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  client.send(get('/v1/a', 'Connection: close\r\n') + get('/v1/b'));
  await client.ended();
  assert.deepEqual([client.statuses, bed.seen.length], [[200], 1]);
  assert.match(client.received, /\r\nConnection: close\r\n/);
  client.socket.destroy();
});

test('a client that closed its side after asking still gets its answers', async () => {
  const bed = await bedWith();
  for (const asked of [get('/v1/a') + get('/v1/b'), 'GET /v1/a HTTP/1.0\r\n\r\n']) {
    const client = RawClient.to(bed);
    client.socket.end(asked);
    await client.ended();
    assert.deepEqual(client.statuses, asked.includes('1.0') ? [200] : [200, 200]);
  }
});

test('S13: a body over the limit is refused as soon as it is announced, and a small rest read away', async () => {
  const bed = await bedWith({ bodyLimit: 10 });
  const client = RawClient.to(bed);
  client.send('POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n');
  await client.hears(1);
  client.send('12345678901');
  client.send(get('/v1/b'));
  await client.hears(2);
  assert.deepEqual(client.statuses, [413, 200]);
  client.socket.destroy();
});

test('S13: a connection with too much of an unread body closes after the answer', async () => {
  const bed = await bedWith({ bodyLimit: 10, limits: { drainBytes: 100 } });
  const client = RawClient.to(bed);
  client.send(`POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n${'x'.repeat(50)}`);
  await client.ended();
  assert.deepEqual(client.statuses, [413]);
  assert.match(client.received, /Connection: close/);
  await until(() => {
    client.send('y'.repeat(101));
    return client.isClosed;
  });
});

test('S13: a body nobody asked for yet is left in the socket', async () => {
  let ask = (): void => {};
  const asked = new Promise<void>(resolve => {
    ask = resolve;
  });
  let length = 0;
  const bed = await bedWith({
    handle: async request => {
      await asked;
      length = (await request.body(50_000_000)).length;
      return plain('');
    },
  });
  const client = RawClient.to(bed);
  client.send(post('/v1/a', 'b'.repeat(30_000_000)));
  await settle();
  await settle();
  assert.ok(client.socket.writableLength > 10_000_000, String(client.socket.writableLength));
  ask();
  await client.hears(1);
  assert.equal(length, 30_000_000);
  client.socket.destroy();
});

test('a body that ends too early fails the one who reads it', async () => {
  const bed = await bedWith();
  const client = RawClient.to(bed);
  client.socket.end('POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n123');
  await client.ended();
  assert.deepEqual([client.statuses, bed.seen.length], [[408], 0]);
});

test('a body can be read once only', async () => {
  const bed = await bedWith({
    handle: async request => {
      await request.body(10);
      return Promise.resolve(request.body(10)).then(
        () => plain('twice'),
        () => plain('once'),
      );
    },
  });
  const client = RawClient.to(bed);
  client.send(post('/v1/a', '123'));
  await client.hears(1);
  assert.match(client.received, /once$/);
  client.socket.destroy();
});

test('S11: a bug is answered with 500 and logged under an id, without its message', async () => {
  const failing = [
    () => Promise.reject(new RangeError('canary-5e1')),
    () => {
      throw new RangeError('canary-5e1');
    },
    async (): Promise<WireAnswer> => ({
      status: 200,
      headers: [['X-A', 'canary-5e1\r\nSet-Cookie: x']],
      body: undefined,
    }),
    async (): Promise<WireAnswer> => ({ status: 200, headers: [['Content-Length', '3']], body: undefined }),
    async (): Promise<WireAnswer> => ({ status: 200, headers: [['X A', '3']], body: undefined }),
    async (): Promise<WireAnswer> => ({ status: 99, headers: [], body: undefined }),
  ];
  for (const handle of failing) {
    const bed = await bedWith({ handle });
    for (const asked of [get('/v1/a'), get('/v1/a', 'Upgrade: x\r\n')]) {
      const client = RawClient.to(bed);
      client.send(asked);
      await client.hears(1);
      await until(() => client.received.endsWith('{"errors":["internal error"]}'));
      assert.match(client.received, /^HTTP\/1\.1 500 Internal Server Error\r\n/);
      assert.match(client.received, /\r\nCache-Control: no-store\r\n/);
      const id = /X-Coffer-Error-Id: (\S+)/.exec(client.received)?.[1];
      assert.equal(bed.logged.at(-1)?.fields?.['id'], id);
      assert.doesNotMatch(JSON.stringify(bed.logged) + client.received, /canary/);
      client.socket.destroy();
    }
  }
});

test('a large body goes out whole', async () => {
  const body = Buffer.alloc(5_000_000, 'z');
  const bed = await bedWith({ handle: async () => ({ status: 200, headers: [], body }) });
  const client = RawClient.to(bed);
  client.send(get('/v1/a') + get('/v1/b'));
  await until(() => client.received.length > 2 * body.length);
  assert.equal(client.received.replaceAll(/HTTP[^]*?\r\n\r\n/g, ''), 'z'.repeat(2 * body.length));
  client.socket.destroy();
});

test('a body that comes in pieces is sent in chunks, and the connection stays', async () => {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one');
    yield Buffer.alloc(0);
    yield Buffer.from('sixteen bytes ..');
  }
  const bed = await bedWith({ handle: async () => ({ status: 200, headers: [], body: pieces() }) });
  const client = RawClient.to(bed);
  client.send(`${get('/v1/a')}HEAD /v1/a HTTP/1.1\r\nHost: x\r\n\r\n${get('/v1/a', 'Connection: close\r\n')}`);
  await client.ended();
  const parts = client.received.split(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/);
  const chunks = '3\r\none\r\n10\r\nsixteen bytes ..\r\n0\r\n\r\n';
  assert.deepEqual(parts, ['', chunks, '', chunks]);
});

test('a source of pieces is told when its client leaves', async () => {
  let isStopped = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await new Promise(done => setImmediate(done));
        yield Buffer.alloc(10_000);
      }
    } finally {
      isStopped = true;
    }
  }
  const bed = await bedWith({ handle: async () => ({ status: 200, headers: [], body: endless() }) });
  const client = RawClient.to(bed);
  client.send(get('/v1/a'));
  await client.hears(1);
  client.socket.destroy();
  await until(() => isStopped);
});

test('a source of pieces that breaks ends the connection short of the last chunk', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one');
    throw new Error('canary');
  }
  const bed = await bedWith({ handle: async () => ({ status: 200, headers: [], body: broken() }) });
  const client = RawClient.to(bed);
  client.send(get('/v1/a'));
  await client.ended();
  assert.doesNotMatch(client.received, /0\r\n\r\n$/);
  assert.equal(bed.logged.length, 1);
});

test('closing lets the request in flight finish, ends idle connections and accepts no more', async () => {
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  let isAsked = false;
  const bed = await startBed({
    handle: async () => {
      isAsked = true;
      await held;
      return plain('done');
    },
  });
  const [idle, busy] = [RawClient.to(bed), RawClient.to(bed)];
  busy.send(get('/v1/a') + get('/v1/b'));
  await until(() => isAsked);
  const closed = bed.server.close(5000);
  await idle.ended();
  assert.equal(busy.isEnded, false);
  const late = RawClient.to(bed);
  await late.ended();
  release();
  await busy.ended();
  assert.deepEqual(busy.statuses, [200]);
  assert.match(busy.received, /Connection: close\r\n/);
  idle.socket.destroy();
  busy.socket.destroy();
  await closed;
});

test('closing ends what does not finish within the grace', async () => {
  const bed = await startBed({ handle: () => new Promise(() => {}) });
  const [ours, general] = [RawClient.to(bed), RawClient.to(bed)];
  ours.send(get('/v1/a'));
  general.send('GET /v1/a HTTP/1.0\r\n\r\n');
  await settle();
  const closed = bed.server.close(5000);
  bed.clock.turn(4000);
  await settle();
  assert.deepEqual([ours.isEnded, general.isEnded], [false, false]);
  bed.clock.turn(1000);
  await closed;
  await Promise.all([ours.ended(), general.ended()]);
});
