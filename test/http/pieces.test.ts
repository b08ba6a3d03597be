/** Bodies that are taken piece by piece, by the front parser and by the general server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Handle } from '@coffer/server/contracts/wire.ts';
import { bedsClosedAfter, plain, RawClient, settle, until } from './bed.ts';

const bedWith = bedsClosedAfter(after);
const limitBytes = 10_000_000;

interface Taken {
  readonly pieces: string[];
  error: string | undefined;
  isOver: boolean;
}

/** Takes a piece whenever `gate` lets it. */
const taking =
  (taken: Taken, gate: () => Promise<void> = () => Promise.resolve(), limit = limitBytes): Handle =>
  async request => {
    if (request.method === 'GET') return plain('next');
    try {
      for await (const piece of request.pieces(limit)) {
        taken.pieces.push(Buffer.from(piece).toString('latin1'));
        await gate();
      }
      return plain('done');
    } catch (error) {
      if (!(error instanceof CofferError)) throw error;
      taken.error = error.code;
      return plain(error.code, error.facts.http);
    } finally {
      taken.isOver = true;
    }
  };

const nothing = (): Taken => ({ pieces: [], error: undefined, isOver: false });
const head = (length: number): string => `POST /v1/a HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
const chunkedHead = 'POST /v1/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
const next = 'GET /v1/b HTTP/1.1\r\nHost: x\r\n\r\n';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

test('pieces come as they arrive, and the request after them is answered', async () => {
  const taken = nothing();
  const bed = await bedWith({ handle: taking(taken) });
  const client = RawClient.to(bed);
  client.send(`${head(9)}abc`);
  await until(() => taken.pieces.join('') === 'abc');
  client.send('def');
  await until(() => taken.pieces.join('') === 'abcdef');
  client.send(`ghi${next}`);
  await client.hears(2);
  assert.deepEqual(client.statuses, [200, 200]);
  assert.equal(taken.pieces.join(''), 'abcdefghi');
  assert.ok(client.received.endsWith('next'));
  client.socket.destroy();
});

test('an empty body has no pieces', async () => {
  for (const sent of [head(0), 'POST /v1/a HTTP/1.1\r\nHost: x\r\n\r\n', `${chunkedHead}0\r\n\r\n`]) {
    const taken = nothing();
    const client = RawClient.to(await bedWith({ handle: taking(taken) }));
    client.send(sent);
    await client.hears(1);
    assert.deepEqual([client.statuses, taken.pieces], [[200], []]);
    client.socket.destroy();
  }
});

test('S13: a client is not read on while nobody asks for the next piece', async () => {
  for (const [start, wrap] of [
    [head(limitBytes), (text: string) => text],
    [chunkedHead, chunk],
  ] as const) {
    const taken = nothing();
    const gate = Promise.withResolvers<void>();
    const client = RawClient.to(await bedWith({ handle: taking(taken, () => gate.promise) }));
    client.send(start);
    const piece = wrap('x'.repeat(100_000));
    for (let sent = 0; sent < limitBytes; sent += 100_000) client.send(piece);
    await until(() => taken.pieces.length === 1);
    await settle();
    await settle();
    assert.equal(taken.pieces.length, 1);
    assert.ok(client.socket.writableLength > 1_000_000, 'the rest waits with the client');
    gate.resolve();
    if (start === chunkedHead) client.send('0\r\n\r\n');
    await client.hears(1);
    assert.equal(taken.pieces.join('').length, limitBytes);
    client.socket.destroy();
  }
});

test('S14: a client has its time anew for each piece, and none for those that wait for the server', async () => {
  for (const [start, wrap] of [
    [head(300), (text: string) => text],
    [chunkedHead, chunk],
  ] as const) {
    const taken = nothing();
    let gate = Promise.resolve();
    const bed = await bedWith({
      handle: taking(taken, () => gate),
      deadline: { seconds: 5, late: () => plain('late', 503) },
    });
    const client = RawClient.to(bed);
    client.send(start);
    for (let at = 0; at < 2; at++) {
      client.send(wrap('x'.repeat(100)));
      await until(() => taken.pieces.join('').length === 100 * (at + 1));
      bed.clock.turn(25_000);
      await settle();
      assert.equal(client.isEnded, false);
    }
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    client.send(wrap('x'.repeat(50)));
    await until(() => taken.pieces.join('').length === 250);
    bed.clock.turn(3_600_000);
    await settle();
    assert.equal(client.isEnded, false, 'the server is slow, not the client');
    held.resolve();
    client.send(wrap('x'.repeat(50)) + (start === chunkedHead ? '0\r\n\r\n' : ''));
    await client.hears(1);
    assert.deepEqual([client.statuses, taken.error], [[200], undefined]);
    client.socket.destroy();
  }
});

test('S14: a client that stays away with the next piece is given up', async () => {
  for (const start of [`${head(300)}abc`, chunkedHead + chunk('abc')]) {
    const taken = nothing();
    const bed = await bedWith({ handle: taking(taken) });
    const client = RawClient.to(bed);
    client.send(start);
    await until(() => taken.pieces.length === 1);
    await settle();
    bed.clock.turn(32_000);
    await client.ended();
    await until(() => taken.isOver);
    assert.equal(taken.error, 'request_timeout');
    client.socket.destroy();
  }
});

test('a body that is longer than the limit is refused: before a byte where it is announced, else where it gets too long', async () => {
  const announced = nothing();
  const client = RawClient.to(await bedWith({ handle: taking(announced, undefined, 100) }));
  client.send(`${head(101)}${'x'.repeat(101)}`);
  await client.hears(1);
  assert.deepEqual([client.statuses, announced.pieces, announced.error], [[413], [], 'body_too_large']);
  client.socket.destroy();
  const chunked = nothing();
  const other = RawClient.to(await bedWith({ handle: taking(chunked, undefined, 100) }));
  other.send(chunkedHead + chunk('x'.repeat(60)));
  await until(() => chunked.pieces.length === 1);
  other.send(chunk('x'.repeat(60)));
  await other.hears(1);
  assert.deepEqual([other.statuses, chunked.error], [[413], 'body_too_large']);
  other.socket.destroy();
});

test('a client that leaves in the middle ends the pieces with an error', async () => {
  for (const start of [head(100), chunkedHead]) {
    const taken = nothing();
    const client = RawClient.to(await bedWith({ handle: taking(taken) }));
    client.send(start === chunkedHead ? start + chunk('abc') : `${start}abc`);
    await until(() => taken.pieces.length === 1);
    client.socket.destroy();
    await until(() => taken.isOver);
    assert.equal(taken.error, 'request_timeout');
  }
});

test('who asks for 100 Continue is told to go on only once a piece is asked for', async () => {
  const taken = nothing();
  const refusing: Handle = async () => plain('no', 403);
  const refused = RawClient.to(await bedWith({ handle: refusing }));
  const expecting = chunkedHead.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n');
  refused.send(expecting);
  await refused.hears(1);
  assert.deepEqual(refused.statuses, [403]);
  const client = RawClient.to(await bedWith({ handle: taking(taken) }));
  client.send(expecting);
  await client.hears(1);
  client.send(`${chunk('abc')}0\r\n\r\n`);
  await client.hears(2);
  assert.deepEqual([client.statuses, taken.pieces.join('')], [[100, 200], 'abc']);
  refused.socket.destroy();
  client.socket.destroy();
});

test('a body is taken once: whole or in pieces', async () => {
  const codes: string[] = [];
  const twice: Handle = async request => {
    await request.body(limitBytes);
    try {
      for await (const piece of request.pieces(limitBytes)) codes.push(String(piece));
    } catch (error) {
      codes.push(error instanceof CofferError ? error.code : String(error));
    }
    return plain('done');
  };
  const client = RawClient.to(await bedWith({ handle: twice }));
  client.send(`${head(3)}abc`);
  await client.hears(1);
  assert.deepEqual(codes, ['internal']);
  client.socket.destroy();
});
