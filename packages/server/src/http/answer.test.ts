import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireAnswer } from '../contracts/wire.ts';
import { chunkedHead, copiedBytesLimit, wholeAnswer } from './answer.ts';
import { headerLines } from './header-lines.ts';

const framing = { close: false, bodyless: false, dateLine: 'Date: now\r\n' };
const answer = (more: Partial<WireAnswer> = {}): WireAnswer => ({
  status: 200,
  headers: [],
  body: Buffer.from('body'),
  ...more,
});
const text = (buffers: readonly Buffer[]): string => Buffer.concat([...buffers]).toString('latin1');

test('a small answer is one buffer with the framing headers of the server', () => {
  const buffers = wholeAnswer(
    answer({
      headers: [
        ['X-A', 'b'],
        ['X-High', '\xe9'],
      ],
    }),
    { ...framing, close: true },
  );
  assert.equal(buffers.length, 1);
  assert.equal(
    text(buffers),
    'HTTP/1.1 200 OK\r\nX-A: b\r\nX-High: \xe9\r\nDate: now\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody',
  );
});

test('a long body is not copied', () => {
  const body = new Uint8Array(copiedBytesLimit + 1).subarray(1, copiedBytesLimit + 1);
  assert.equal(wholeAnswer(answer({ body }), framing).length, 1);
  const longer = new Uint8Array(copiedBytesLimit + 2).subarray(1);
  const [, sent] = wholeAnswer(answer({ body: longer }), framing);
  assert.deepEqual([sent?.length, sent?.buffer], [longer.length, longer.buffer]);
});

test('an answer to HEAD tells its length only; 204 and 304 have none', () => {
  assert.equal(
    text(wholeAnswer(answer(), { ...framing, bodyless: true })),
    'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 4\r\n\r\n',
  );
  for (const status of [204, 304])
    assert.doesNotMatch(text(wholeAnswer(answer({ status }), framing)), /Content-Length|body/);
  assert.match(text(wholeAnswer(answer({ body: undefined }), framing)), /Content-Length: 0\r\n\r\n$/);
});

test('statuses that only this kind of server has are answered too, impossible ones are not', () => {
  for (const status of [472, 473])
    assert.match(text(wholeAnswer(answer({ status }), framing)), new RegExp(`^HTTP/1.1 ${status} \r\n`));
  for (const status of [99, 100, 600, 200.5, Number.NaN])
    assert.throws(() => wholeAnswer(answer({ status }), framing), TypeError);
});

test('a body in pieces is announced as chunks', () => {
  assert.equal(
    chunkedHead(answer(), framing).toString(),
    'HTTP/1.1 200 OK\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
});

test('S12: a header that could split an answer is refused, and its value not told', () => {
  for (const value of ['a\r\nSet-Cookie: b', 'a\nb', 'a\rb', 'a\0b', 'a\x1bb', 'a\x7fb', 'snowman ☃']) {
    assert.throws(() => headerLines([['X-A', value]]), {
      name: 'TypeError',
      message: 'an answer cannot have this header: X-A',
    });
  }
  for (const name of ['', 'X A', 'X:', 'X\r\nY', 'é']) assert.throws(() => headerLines([[name, 'a']]), TypeError);
});

test('the framing headers cannot be set by others', () => {
  for (const name of ['Content-Length', 'content-length', 'DATE', 'Connection', 'Transfer-Encoding']) {
    assert.throws(() => headerLines([[name, '1']]), TypeError);
  }
});

test('a frozen list is formatted once, any other each time', () => {
  const counted = (freeze: boolean): number => {
    let reads = 0;
    const pair = Object.defineProperty(['X-A', ''] as [string, string], 1, { get: () => `${reads++}` });
    const list = freeze ? Object.freeze([pair]) : [pair];
    headerLines(list);
    const before = reads;
    headerLines(list);
    return reads - before;
  };
  assert.equal(counted(true), 0);
  assert.ok(counted(false) > 0);
});
