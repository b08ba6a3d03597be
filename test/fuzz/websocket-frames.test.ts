/**
 * The reader of a WebSocket client's frames on made-up bytes: wherever they are cut it says the same, whole frames are
 * read as what they were made from, and no bytes make it throw or keep more than one control frame. The seed is printed on
 * failure; `COFFER_FUZZ_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Frame, FrameReader } from '../../packages/server/src/http/websocket/frames.ts';
import { seededDice } from './http-dice.ts';

const rounds = 3000;
const seed = Number(process.env['COFFER_FUZZ_SEED'] ?? '20261126');
const dice = seededDice(seed);

const someBytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => dice.below(256)));

const control = (first: number, payload: Buffer): Buffer => {
  const mask = someBytes(4);
  const body = Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return Buffer.concat([Buffer.of(first, 0x80 | payload.length), mask, body]);
};

/** Until one is at fault or closes, as a session reads them. */
const read = (pieces: readonly Buffer[]): Frame[] => {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let goesOn = true;
  for (const piece of pieces) {
    if (!goesOn) break;
    reader.read(piece, frame => {
      frames.push(frame);
      goesOn = frame.kind === 'ping' || frame.kind === 'pong';
      return goesOn;
    });
  }
  return frames;
};

const cut = (bytes: Buffer): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + dice.below(40);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
};

test('frames are what they were made from, however they are cut', () => {
  for (let round = 0; round < rounds; round++) {
    const made = Array.from({ length: 1 + dice.below(6) }, () => ({
      kind: dice.pick(['ping', 'pong'] as const),
      payload: someBytes(dice.below(126)),
    }));
    const bytes = Buffer.concat(made.map(({ kind, payload }) => control(kind === 'ping' ? 0x89 : 0x8a, payload)));
    assert.deepEqual(read(cut(bytes)), made, `seed ${seed}, round ${round}`);
  }
});

test('any bytes end in the same way, however they are cut', () => {
  for (let round = 0; round < rounds; round++) {
    const whole = Buffer.concat([
      control(0x89, someBytes(dice.below(20))),
      dice.chance(2) ? someBytes(dice.below(300)) : control(dice.below(256), someBytes(dice.below(126))),
      control(0x8a, someBytes(3)),
    ]);
    assert.deepEqual(read(cut(whole)), read([whole]), `seed ${seed}, round ${round}`);
  }
});
