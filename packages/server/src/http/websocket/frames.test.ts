import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePayload, type Frame, FrameReader, frameHead, opcodes } from './frames.ts';

/** A client's frame, masked. */
const frame = (first: number, payload: Buffer, { masked = true, length = payload.length } = {}): Buffer => {
  const mask = Buffer.of(1, 2, 3, 4);
  const body = Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return Buffer.concat([Buffer.of(first, (masked ? 0x80 : 0) | length), ...(masked ? [mask, body] : [payload])]);
};

const read = (...chunks: readonly Buffer[]): Frame[] => {
  const frames: Frame[] = [];
  const reader = new FrameReader();
  for (const chunk of chunks) reader.read(chunk, one => frames.push(one) > 0);
  return frames;
};

const ping = frame(0x89, Buffer.from('beat'));

test('control frames are read wherever the bytes are cut', () => {
  const whole = Buffer.concat([ping, frame(0x8a, Buffer.alloc(0)), frame(0x8a, Buffer.alloc(125, 7))]);
  const expected = read(whole);
  assert.deepEqual(
    expected.map(one => ('payload' in one ? [one.kind, one.payload.length] : one)),
    [
      ['ping', 4],
      ['pong', 0],
      ['pong', 125],
    ],
  );
  assert.equal(expected[0]?.kind === 'ping' && expected[0].payload.toString(), 'beat');
  for (let at = 0; at <= whole.length; at++)
    assert.deepEqual(read(whole.subarray(0, at), whole.subarray(at)), expected, `cut at ${at}`);
  assert.deepEqual(read(...[...whole].map(byte => Buffer.of(byte))), expected);
});

test('a close is answered with its code; what cannot stand in one is at fault', () => {
  const closed = (payload: Buffer): Frame | undefined => read(frame(0x88, payload))[0];
  assert.deepEqual(closed(Buffer.alloc(0)), { kind: 'close', code: 1000 });
  assert.deepEqual(closed(closePayload(1001, 'leaving é')), { kind: 'close', code: 1001 });
  assert.deepEqual(closed(closePayload(4000, '')), { kind: 'close', code: 4000 });
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2000, 5000, 65_535])
    assert.equal(closed(closePayload(code, ''))?.kind, 'fault', String(code));
  assert.deepEqual(closed(Buffer.of(3)), { kind: 'fault', code: 1002, reason: 'a close frame of one byte' });
  const bad = closed(Buffer.concat([closePayload(1000, ''), Buffer.of(0xff, 0xfe)]));
  assert.equal(bad?.kind === 'fault' && bad.code, 1007);
});

test('what breaks the rules is told by its first two bytes, and nothing after it is read', () => {
  const cases: readonly (readonly [what: string, bytes: Buffer, code: number])[] = [
    ['text', frame(0x81, Buffer.from('hello')), 1008],
    ['binary', frame(0x82, Buffer.from('hello')), 1008],
    ['continuation', frame(0x80, Buffer.from('hello')), 1008],
    ['start of a message', frame(0x01, Buffer.from('hel')), 1008],
    ['a giant', Buffer.of(0x82, 0xff), 1008],
    ['no mask', frame(0x89, Buffer.from('beat'), { masked: false }), 1002],
    ['a reserved bit', frame(0xc9, Buffer.from('beat')), 1002],
    ['opcode 3', frame(0x83, Buffer.alloc(0)), 1002],
    ['opcode 11', frame(0x8b, Buffer.alloc(0)), 1002],
    ['a control frame in pieces', frame(0x09, Buffer.from('be')), 1002],
    ['a long control frame', Buffer.of(0x89, 0xfe, 0, 126), 1002],
  ];
  for (const [what, bytes, code] of cases) {
    const frames = read(Buffer.concat([ping, bytes, ping]));
    assert.deepEqual(
      frames.map(one => (one.kind === 'fault' ? one.code : one.kind)),
      ['ping', code],
      what,
    );
  }
});

test('an unfinished frame is kept as its own bytes, and no more than one control frame of them', () => {
  const reader = new FrameReader();
  const large = Buffer.concat([...Array.from({ length: 1000 }, () => ping), ping.subarray(0, 5)]);
  let count = 0;
  reader.read(large, () => ++count > 0);
  assert.equal(count, 1000);
  reader.read(ping.subarray(5), () => ++count > 0);
  assert.equal(count, 1001);
});

test('heads of frames have the shortest length that there is', () => {
  assert.deepEqual([...frameHead(opcodes.text, 125)], [0x81, 125]);
  assert.deepEqual([...frameHead(opcodes.text, 126)], [0x81, 126, 0, 126]);
  assert.deepEqual([...frameHead(opcodes.binary, 65_535)], [0x82, 126, 0xff, 0xff]);
  assert.deepEqual([...frameHead(opcodes.binary, 65_536)], [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
});

test('a reason that is too long for a frame is cut', () => {
  assert.equal(closePayload(1011, 'x'.repeat(500)).length, 125);
});
