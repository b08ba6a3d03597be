import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Distribution, distributions } from './keys.ts';

const keys = 100;
const draws = 100_000;

const counts = (name: Distribution): readonly number[] => {
  const next = distributions[name](keys);
  const found = Array.from({ length: keys }, () => 0);
  for (let left = draws; left > 0; left--) {
    const key = next();
    assert.ok(Number.isInteger(key) && key >= 0 && key < keys, `${key}`);
    found[key] = (found[key] ?? 0) + 1;
  }
  return found;
};

const near = (found: number | undefined, expected: number): void =>
  assert.ok(Math.abs((found ?? 0) - expected) < expected * 0.15, `${found} for ${expected}`);

test('uniform: each key as often as any other', () => {
  for (const found of counts('uniform')) near(found, draws / keys);
});

test('zipf: key n comes 1/(n+1) times as often as key 0', () => {
  const found = counts('zipf');
  let sum = 0;
  for (let key = 0; key < keys; key++) sum += 1 / (key + 1);
  for (const key of [0, 1, 3, 9, 49, 99]) near(found[key], draws / (key + 1) / sum);
});

test('one key is that key, and two runs are the same', () => {
  for (const name of ['uniform', 'zipf'] as const) {
    assert.equal(distributions[name](1)(), 0);
    const [one, other] = [distributions[name](keys), distributions[name](keys)];
    for (let left = 50; left > 0; left--) assert.equal(one(), other());
  }
});
