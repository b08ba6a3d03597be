import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SortedTexts } from './sorted.ts';

/** Numbers below `below`, the same for the same seed. */
const seeded =
  (seed: number) =>
  (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };

test('texts come in order from any start, after random additions and removals over many blocks', () => {
  const next = seeded(7);
  const sorted = new SortedTexts();
  const model = new Set<string>();
  for (let step = 0; step < 40_000; step++) {
    const text = `k${next(6_000)}`;
    const adds = step < 20_000 || (step > 30_000 && next(2) === 0);
    if (adds) sorted.add(text);
    else sorted.remove(text);
    if (adds) model.add(text);
    else model.delete(text);
  }
  const expected = [...model].toSorted();
  assert.deepEqual([...sorted.from('')], expected);
  for (let i = 0; i < 200; i++) {
    const start = `k${next(7_000)}`;
    assert.deepEqual([...sorted.from(start)].slice(0, 5), expected.filter(text => text >= start).slice(0, 5));
  }
});

test('a list emptied and filled again works', () => {
  const sorted = new SortedTexts();
  const all = Array.from({ length: 3_000 }, (_, i) => String(i).padStart(5, '0'));
  for (const text of all) sorted.add(text);
  for (const text of all) sorted.remove(text);
  assert.deepEqual([...sorted.from('')], []);
  for (const text of all.toReversed()) sorted.add(text);
  assert.deepEqual([...sorted.from('')], all);
});
