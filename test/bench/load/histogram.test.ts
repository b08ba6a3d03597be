import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from './histogram.ts';

test('quantiles of a histogram are right to one part in 128', () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 100_000; value++) histogram.record(value);
  for (const share of [0.001, 0.5, 0.99, 0.999]) {
    const [found, exact] = [histogram.quantile(share), share * 100_000];
    assert.ok(found <= exact && found >= exact * (1 - 1 / 100), `${share}: ${found} for ${exact}`);
  }
});

test('values beyond the last bucket are counted in it, and clearing forgets all', () => {
  const histogram = new Histogram();
  histogram.record(1e15);
  histogram.record(-1);
  assert.ok(histogram.quantile(1) > 2e9);
  assert.equal(histogram.quantile(0.5), 0);
  histogram.clear();
  assert.equal(histogram.quantile(0.5), 0);
});
