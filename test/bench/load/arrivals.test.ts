import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from './arrivals.ts';

test('requests come at their rate; who finds nothing free waits, and counts from when it came', () => {
  const arrivals = new Arrivals(1000, 0);
  const sent: number[] = [];
  const connection = (cameAtMs: number): void => void sent.push(cameAtMs);
  arrivals.ready(connection);
  arrivals.come(0);
  assert.deepEqual(sent, [0]);
  arrivals.come(3);
  assert.deepEqual([sent.length, arrivals.waiting], [1, 3]);
  arrivals.ready(connection);
  arrivals.ready(connection);
  assert.deepEqual(sent, [0, 1, 2]);
  arrivals.end();
  arrivals.come(100);
  arrivals.ready(connection);
  arrivals.ready(connection);
  assert.deepEqual([sent, arrivals.waiting, arrivals.free], [[0, 1, 2, 3], 0, 1]);
});
