import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DurationError, durationLimitSeconds, parseDuration } from './duration.ts';

const good: readonly (readonly [string, number])[] = [
  ['', 0],
  ['0', 0],
  ['-0', 0],
  ['90', 90],
  [' 90 ', 90],
  ['-1', -1],
  ['7d', 604_800],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['.5s', 0.5],
  ['1.s', 1],
  ['250ms', 0.25],
  ['-1m', -60],
  ['+1m', 60],
  ['768h', 2_764_800],
  ['1us', 0.000_001],
  ['1µs', 0.000_001],
  ['1h1m1s1ms', 3661.001],
];

test('a duration reads as seconds', () => {
  for (const [text, seconds] of good) assert.equal(parseDuration(text), seconds, text);
});

const bad = [
  'abc',
  '10x',
  '1.5d',
  '1d12h',
  '1.5',
  '.s',
  '-',
  '+',
  '1h-1m',
  '1 h',
  'h',
  '1e3',
  '0x10',
  '9223372037',
  '99999999999999999999d',
  's'.repeat(65),
];

test('what is no duration is refused, and the text stays out of the reason', () => {
  for (const text of bad) {
    assert.throws(
      () => parseDuration(text),
      (error: Error) => error instanceof DurationError && (text.length < 3 || !error.message.includes(text)),
      text,
    );
  }
});

test('the longest duration is the one Go can hold', () => {
  assert.equal(parseDuration(String(durationLimitSeconds)), durationLimitSeconds);
});
