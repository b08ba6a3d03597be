import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesArray, int8, int8Array, Messages, numberOf, type Row } from './wire.ts';

const message = (code: string, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.write(code);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const row = (...columns: (string | null)[]): Buffer => {
  const count = Buffer.alloc(2);
  count.writeInt16BE(columns.length);
  const parts = columns.map(column => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(column === null ? -1 : column.length);
    return Buffer.concat([length, Buffer.from(column ?? '')]);
  });
  return message('D', Buffer.concat([count, ...parts]));
};

const hear = (pieces: readonly Buffer[]): string[] => {
  const heard: string[] = [];
  const messages = new Messages({
    row: (columns: Row) => heard.push(`row ${columns.map(one => one?.toString() ?? 'null').join()}`),
    other: bytes => heard.push(`${bytes.toString('latin1', 0, 1)} ${bytes.length}`),
  });
  for (const piece of pieces) messages.push(piece);
  return heard;
};

test('messages are whole however the stream is cut', () => {
  const stream = Buffer.concat([
    message('1', Buffer.alloc(0)),
    row('a', null, ''),
    row('x'.repeat(300)),
    message('Z', Buffer.from('I')),
  ]);
  const want = ['1 5', 'row a,null,', `row ${'x'.repeat(300)}`, 'Z 6'];
  for (const size of [1, 2, 3, 5, 7, 64, stream.length]) {
    const pieces = [];
    for (let at = 0; at < stream.length; at += size) pieces.push(stream.subarray(at, at + size));
    assert.deepEqual(hear(pieces), want, `${size}`);
  }
});

test('a length that no server sends ends it', () => {
  for (const length of [0, 3, 0xffff_ffff]) {
    const bad = message('D', Buffer.alloc(8));
    bad.writeUInt32BE(length, 1);
    assert.throws(() => hear([bad]), RangeError);
  }
});

test('a row whose columns run over its end ends it, or holds what is there', () => {
  for (const columns of [1, 9, -1]) {
    const bad = Buffer.alloc(6);
    bad.writeInt16BE(columns);
    bad.writeInt32BE(1_000_000, 2);
    try {
      hear([message('D', bad)]);
    } catch (error) {
      assert.ok(error instanceof RangeError);
    }
  }
});

test('numbers keep their value to the last that a number holds exactly', () => {
  for (const value of [0, 1, 4_294_967_296, Number.MAX_SAFE_INTEGER]) assert.equal(numberOf(int8(value)), value);
});

test('arrays have the layout of PostgreSQL', () => {
  assert.equal(bytesArray([]).toString('hex'), '000000000000000000000011');
  assert.equal(
    bytesArray([Buffer.from('ab'), Buffer.alloc(0)]).toString('hex'),
    '000000010000000000000011000000020000000100000002616200000000',
  );
  assert.equal(
    int8Array([1, 258]).toString('hex'),
    '0000000100000000000000140000000200000001000000080000000000000001000000080000000000000102',
  );
});
