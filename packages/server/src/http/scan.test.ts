import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Head } from './head.ts';
import { defaultHttpLimits } from './limits.ts';
import { scanHead } from './scan.ts';

const scan = (text: string, before = ''): { head: Head; verdict: string } => {
  const bytes = Buffer.from(before + text, 'latin1');
  const head = new Head(bytes);
  return { head, verdict: scanHead(head, { start: before.length, end: bytes.length }, defaultHttpLimits) };
};

const whole = 'LIST /v1/a?b=%20c HTTP/1.1\r\nHost: x:1\r\nX-Twice:1\r\nx-twice: \t 2 \t\r\nContent-Length: 007\r\n\r\n';

test('a whole head tells method, target, length and where it ends, wherever it begins', () => {
  for (const before of ['', 'before\r\n']) {
    const { head, verdict } = scan(`${whole}body`, before);
    assert.deepEqual(
      [verdict, head.method, head.rawTarget, head.contentLength, head.end - before.length, head.close],
      ['whole', 'LIST', '/v1/a?b=%20c', 7, whole.length, false],
    );
  }
});

test('every shorter part of a whole head is incomplete', () => {
  for (let cut = 0; cut < whole.length; cut++) assert.equal(scan(whole.slice(0, cut)).verdict, 'incomplete', `${cut}`);
});

test('header values are found by lower-case name, without the space around them, repeated ones joined', () => {
  const { head } = scan(`GET / HTTP/1.1\r\nHost: x\r\nX-TWICE: 1\r\nx-twice: \t 2 \t\r\nEmpty:\r\nHigh: \xe9\r\n\r\n`);
  assert.deepEqual(
    ['host', 'x-twice', 'empty', 'high', 'x-twic', 'twice', '__proto__'].map(name => head.get(name)),
    ['x', '1, 2', '', '\xe9', undefined, undefined, undefined],
  );
});

test('one empty line before a request is passed over, a second is refused', () => {
  assert.equal(scan(`\r\n${whole}`).verdict, 'whole');
  assert.equal(scan('\r').verdict, 'incomplete');
  assert.equal(scan('\r\n\r\n').verdict, 'refused');
});

test('the connection closes only where it is asked to', () => {
  const asked = (value: string): unknown => {
    const { head, verdict } = scan(`GET / HTTP/1.1\r\nHost: x\r\nConnection: ${value}\r\n\r\n`);
    return [verdict, head.close];
  };
  assert.deepEqual(asked('close'), ['whole', true]);
  assert.deepEqual(asked('Close'), ['whole', true]);
  assert.deepEqual(asked('Keep-Alive'), ['whole', false]);
  assert.deepEqual(asked('closed'), ['foreign', false]);
  assert.deepEqual(asked(''), ['foreign', false]);
});

test('LIST and SCAN that offer an upgrade are answered here, since nobody else can, and close', () => {
  for (const method of ['LIST', 'SCAN']) {
    const { head, verdict } = scan(
      `${method} / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n`,
    );
    assert.deepEqual([verdict, head.close], ['whole', true]);
  }
});

test('what is legal but outside of the narrow grammar is foreign', () => {
  const foreign = ['GET / HTTP/1.0\r\n\r\n', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'];
  for (const field of [
    'Expect: 100-continue',
    'Upgrade: h2c',
    'Transfer-Encoding: chunked',
    'transfer-encoding: Chunked',
  ]) {
    foreign.push(`POST / HTTP/1.1\r\nHost: x\r\n${field}\r\n\r\n`);
  }
  for (const text of foreign) assert.equal(scan(text).verdict, 'foreign', text);
});

test('methods that nothing is asked with are refused as such, once their head is all there and well formed', () => {
  for (const method of ['PROPFIND', 'CONNECT', 'TRACE', 'FOO', 'get', 'LISTS', 'Q']) {
    const { head, verdict } = scan(`${method} / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    assert.deepEqual([verdict, head.faultStatus, head.fault], ['refused', 405, ''], method);
    assert.equal(scan(`${method} / HTTP/1.1\r\nHost: x\r\n`).verdict, 'incomplete', method);
    assert.equal(scan(`${method} / HTTP/1.1\r\n\r\n`).head.faultStatus, 400, method);
  }
});

test('names as long as the framing headers are ordinary', () => {
  for (const name of ['Hose', 'Except', 'Upgrada', 'Konnection', 'Content-Lengte', 'Transfer-Encodinj']) {
    assert.equal(scan(`GET / HTTP/1.1\r\nHost: x\r\n${name}: anything\r\n\r\n`).verdict, 'whole', name);
  }
});
