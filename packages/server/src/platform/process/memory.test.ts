/** How far a heap may grow: a small one to a fixed size, a large one by a part of itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthPercent } from './memory.ts';

const mebibyte = 1_048_576;

test('a small heap may grow to 72 MiB, at most to five times what is in use', () => {
  assert.equal(growthPercent(36 * mebibyte), 100);
  assert.equal(growthPercent(24 * mebibyte), 200);
  assert.equal(growthPercent(mebibyte), 400);
});

test('a large heap may grow by 30 percent', () => {
  for (const mebibytes of [60, 72, 1_000, 100_000]) assert.equal(growthPercent(mebibytes * mebibyte), 30);
});
