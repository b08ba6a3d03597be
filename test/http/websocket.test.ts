/** WebSockets over real sockets: the handshake, messages, pings, closing, and clients that break the rules. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { SocketMessage } from '../../packages/schema/src/row.ts';
import type { Handle } from '@coffer/server/contracts/wire.ts';
import { type Bed, bedsClosedAfter, plain, RawClient, settle, until } from './bed.ts';

const bedWith = bedsClosedAfter(after);

/** Messages that the test hands in, one after the other; it can tell whether anybody still wants them. */
class Source implements AsyncIterable<SocketMessage> {
  isStopped = false;
  isAsked = false;
  readonly #ready: SocketMessage[] = [];
  #wake = (): void => {};

  send(...messages: readonly SocketMessage[]): void {
    this.#ready.push(...messages);
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<SocketMessage> {
    return {
      next: async () => {
        this.isAsked = true;
        while (this.#ready.length === 0 && !this.isStopped) await new Promise<void>(done => (this.#wake = done));
        const value = this.#ready.shift();
        return value === undefined || this.isStopped ? { done: true, value: undefined } : { done: false, value };
      },
      return: async () => {
        this.isStopped = true;
        this.#wake();
        return { done: true, value: undefined };
      },
    };
  }
}

const text = (content: string): SocketMessage => ({ kind: 'text', bytes: new TextEncoder().encode(content) });

interface Streaming {
  readonly bed: Bed;
  readonly source: Source;
  readonly cut: AbortController;
}

const streaming = async (): Promise<Streaming> => {
  const source = new Source();
  const cut = new AbortController();
  const handle: Handle = async request =>
    request.upgrades === true
      ? { status: 101, headers: [['X-Own', 'yes']], body: undefined, messages: source, cut: cut.signal }
      : plain('no socket', 400);
  return { bed: await bedWith({ handle }), source, cut };
};

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const upgrade = (fields: { readonly [name: string]: string | undefined } = {}): string => {
  const all = {
    Host: 'x',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return `GET /v1/stream HTTP/1.1\r\n${lines.join('')}\r\n`;
};

const masked = (first: number, payload: string): string => {
  const bytes = Buffer.from(payload, 'latin1');
  const mask = [9, 8, 7, 6];
  const body = Buffer.from(bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length, ...mask]), body]).toString('latin1');
};

const opened = async (given: Streaming): Promise<RawClient> => {
  const client = RawClient.to(given.bed);
  client.send(upgrade());
  await client.hears(1);
  await until(() => client.received.includes('\r\n\r\n'));
  return client;
};

const framesOf = ({ received }: RawClient): string => received.slice(received.indexOf('\r\n\r\n') + 4);
const closeFrame = (code: number, reason = ''): string =>
  `\x88${String.fromCharCode(reason.length + 2, code >>> 8, code & 0xff)}${reason}`;

test('the handshake is accepted as RFC 6455 has it, and messages follow', async () => {
  const given = await streaming();
  const client = await opened(given);
  const head = client.received.slice(0, client.received.indexOf('\r\n\r\n'));
  assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  assert.match(head, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
  assert.match(head, /\r\nX-Own: yes\r\n/);
  given.source.send(text('one'), { kind: 'binary', bytes: Uint8Array.of(0xff) }, text('x'.repeat(300)));
  const expected = `\x81\x03one\x82\x01\xff\x81\x7e\x01\x2c${'x'.repeat(300)}`;
  await until(() => framesOf(client).length >= expected.length);
  assert.equal(framesOf(client), expected);
  client.socket.destroy();
});

test('an answer with a header that cannot be sent is a failure of its own request alone', async () => {
  const source = new Source();
  const handle: Handle = async () => ({ status: 101, headers: [['X-Own', 'a\nb']], body: undefined, messages: source });
  const bed = await bedWith({ handle });
  const client = RawClient.to(bed);
  client.send(upgrade());
  await client.hears(1);
  assert.deepEqual(client.statuses, [500]);
  await until(() => source.isStopped);
  client.socket.destroy();
});

test('a handshake may name its protocol in any case and ask to keep the connection alive as well', async () => {
  const given = await streaming();
  const client = RawClient.to(given.bed);
  client.send(upgrade({ Connection: 'keep-alive, Upgrade', Upgrade: 'WebSocket' }));
  await client.hears(1);
  assert.deepEqual(client.statuses, [101]);
  client.socket.destroy();
});

test('what is no whole handshake is an ordinary request', async () => {
  const { bed, source } = await streaming();
  const others = [
    { 'Sec-WebSocket-Version': '12' },
    { 'Sec-WebSocket-Version': undefined },
    { 'Sec-WebSocket-Key': undefined },
    { 'Sec-WebSocket-Key': 'c2hvcnQ=' },
    { 'Sec-WebSocket-Key': `${key}, ${key}` },
    { Connection: 'keep-alive' },
    { Connection: undefined },
    { Upgrade: 'h2c' },
    { Upgrade: 'websocket, h2c' },
    { 'Content-Length': '2' },
    { 'Transfer-Encoding': 'chunked' },
    { Expect: '100-continue' },
  ];
  for (const fields of others) {
    const client = RawClient.to(bed);
    client.send(
      `${upgrade(fields)}${'Content-Length' in fields ? 'ab' : 'Transfer-Encoding' in fields ? '0\r\n\r\n' : ''}`,
    );
    await client.hears(1);
    assert.deepEqual(client.statuses, [400], JSON.stringify(fields));
    client.socket.destroy();
  }
  assert.equal(source.isAsked, false);
});

test('pings are answered with their payload, wherever they are cut; pongs with nothing', async () => {
  const given = await streaming();
  const client = await opened(given);
  client.send(masked(0x8a, 'unasked'));
  for (const byte of masked(0x89, 'beat')) client.send(byte);
  await until(() => framesOf(client).length >= 6);
  assert.equal(framesOf(client), '\x8a\x04beat');
  client.socket.destroy();
});

test('what a client sends ahead of the answer to its handshake is not lost', async () => {
  const given = await streaming();
  const client = RawClient.to(given.bed);
  client.send(upgrade() + masked(0x89, 'early'));
  await until(() => framesOf(client).includes('early'));
  assert.equal(framesOf(client), '\x8a\x05early');
  client.socket.destroy();
});

test('a client that closes is answered with its code, and the source is told', async () => {
  const given = await streaming();
  const client = await opened(given);
  client.send(masked(0x88, '\x03\xe9going'));
  await client.ended();
  assert.equal(framesOf(client), closeFrame(1001));
  assert.equal(given.source.isStopped, true);
});

test('a client that is gone without a word: the source is told', async () => {
  const given = await streaming();
  const client = await opened(given);
  client.socket.destroy();
  await until(() => given.source.isStopped);
});

test('the end of the source closes the connection with its code, and waits for the client only so long', async () => {
  const given = await streaming();
  const polite = await opened(given);
  given.source.send({ kind: 'close', code: 1013, reason: 'too slow' });
  await until(() => framesOf(polite).includes('too slow'));
  assert.equal(framesOf(polite), closeFrame(1013, 'too slow'));
  assert.equal(polite.isEnded, false);
  polite.send(masked(0x88, '\x03\xf5'));
  await polite.ended();
  const other = await streaming();
  const mute = await opened(other);
  other.source.send({ kind: 'close', code: 1008, reason: '' });
  await until(() => framesOf(mute).length > 0);
  other.bed.clock.turn(5_000);
  await mute.ended();
});

test('a client that sends a message, or breaks a rule, is closed with the code that says why', async () => {
  const cases: readonly (readonly [bytes: string, code: number, reason: string])[] = [
    [masked(0x81, 'hello'), 1008, 'no messages are taken here'],
    ['\x82\xff', 1008, 'no messages are taken here'],
    ['\x89\x04beat', 1002, 'a frame without a mask'],
    [masked(0xc9, ''), 1002, 'a reserved bit'],
    [masked(0x8b, ''), 1002, 'an unknown opcode'],
    [masked(0x88, '\x03'), 1002, 'a close frame of one byte'],
    [masked(0x88, '\x03\xe8\xff'), 1007, 'a reason that is not UTF-8'],
  ];
  for (const [bytes, code, reason] of cases) {
    const given = await streaming();
    const client = await opened(given);
    client.send(bytes);
    await until(() => framesOf(client).length > 0);
    await settle();
    assert.equal(framesOf(client), closeFrame(code, reason), reason);
    assert.equal(given.source.isStopped, true);
    client.socket.destroy();
  }
});

test('a silent client is asked for a sign of life, then ended; one that answers stays', async () => {
  const given = await streaming();
  const silent = await opened(given);
  given.bed.clock.turn(33_000);
  await until(() => framesOf(silent) === '\x89\x00');
  silent.send(masked(0x8a, ''));
  await settle();
  given.bed.clock.turn(33_000);
  await until(() => framesOf(silent) === '\x89\x00\x89\x00');
  assert.equal(silent.isEnded, false);
  given.bed.clock.turn(33_000);
  await silent.ended();
  assert.equal(given.source.isStopped, true);
});

test('where the stream is cut, the connection ends at once', async () => {
  const given = await streaming();
  const client = await opened(given);
  given.cut.abort();
  await client.ended();
});

test('a listener that closes says so to its WebSockets', async () => {
  const given = await streaming();
  const client = await opened(given);
  const closed = given.bed.server.close(10_000);
  given.bed.clock.turn(20_000);
  await client.ended();
  await closed;
});

test('a source that fails closes with 1011, and the fault is logged without its words', async () => {
  const failing: AsyncIterable<SocketMessage> = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('canary')) }),
  };
  const bed = await bedWith({ handle: async () => ({ status: 101, headers: [], body: undefined, messages: failing }) });
  const client = RawClient.to(bed);
  client.send(upgrade());
  await until(() => framesOf(client).includes('Internal error'));
  assert.equal(framesOf(client), closeFrame(1011, 'Internal error: the stream failed'));
  assert.doesNotMatch(JSON.stringify(bed.logged), /canary/);
  client.socket.destroy();
});
