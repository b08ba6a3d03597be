import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoTime } from './iso-time.ts';

const same = (ms: number): void => assert.equal(isoTime(ms), new Date(ms).toISOString());

test('every day of four centuries, its first and last millisecond', () => {
  for (let day = 0; day < 146_098; day++) {
    same(day * 86_400_000);
    same(day * 86_400_000 + 86_399_999);
  }
});

test('any millisecond of years with four digits and around them', () => {
  let seed = 20_261_125;
  const next = (): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (let at = 0; at < 100_000; at++) same(Math.floor((next() * 1.05 - 0.02) * Date.UTC(10_000, 0, 1)));
  for (const ms of [0, -1, Date.UTC(10_000, 0, 1) - 1, Date.UTC(10_000, 0, 1), 1.5]) same(ms);
});

test('what is no moment is refused as the platform refuses it', () => {
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) assert.throws(() => isoTime(ms), RangeError);
});
