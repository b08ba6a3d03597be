import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { lineLimit, type ServerSent, ServerSentReader } from './server-sent.ts';

const encoder = new TextEncoder();
const read = (...pieces: readonly (string | Uint8Array)[]): ServerSent[] => {
  const reader = new ServerSentReader();
  return pieces.flatMap(piece => reader.read(typeof piece === 'string' ? encoder.encode(piece) : piece));
};

const one = { id: '7', name: 'message', data: '{"a":"é"}' };

test('an event is read wherever its bytes are cut, with any line end', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const bytes = encoder.encode(`id: 7${end}data: {"a":"é"}${end}${end}: said${end}${end}`);
    const expected = end === '\r' ? read(bytes, 'x') : read(bytes);
    assert.deepEqual(expected, [one], JSON.stringify(end));
    for (let at = 1; at < bytes.length; at++)
      assert.deepEqual(read(bytes.subarray(0, at), bytes.subarray(at), 'x'), [one], `${JSON.stringify(end)} ${at}`);
  }
});

test('ids last, names do not, data may have several lines, unknown fields are passed over', () => {
  assert.deepEqual(read('id: 1\nevent: closed\ndata: a\ndata:b\nretry: 5\nmore\n\ndata\n\nid: 2\n\n\n\n'), [
    { id: '1', name: 'closed', data: 'a\nb' },
    { id: '1', name: 'message', data: '' },
    { id: '2', name: 'message', data: '' },
  ]);
  assert.deepEqual(read('id: 1\0\ndata: x\n\n'), [{ id: '', name: 'message', data: 'x' }]);
});

test('what never ends is refused, not gathered', () => {
  const refused = (error: unknown): boolean => error instanceof CofferError && error.code === 'invalid_request';
  assert.throws(() => read(`data: ${'x'.repeat(lineLimit)}x`), refused);
  const line = `data: ${'x'.repeat(1_000)}\n`;
  assert.throws(() => read(...Array.from({ length: 1_100 }, () => line)), refused);
});
