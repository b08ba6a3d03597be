import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realRandom } from './real.ts';

const random = realRandom();

test('bytes have the length asked for, within and beyond the pool', () => {
  for (const length of [0, 1, 12, 512, 513, 100_000]) assert.equal(random.bytes(length).length, length);
});

test('no bytes are handed out twice, also where the pool is filled anew', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 5_000; i++) seen.add(Buffer.from(random.bytes(16)).toString('hex'));
  assert.equal(seen.size, 5_000);
});

test('what was handed out is the caller’s own: it can be changed without touching other draws', () => {
  const first = random.bytes(32);
  const copy = first.slice();
  random.bytes(32).fill(0);
  assert.deepEqual(first, copy);
  assert.equal(first.buffer.byteLength, 32);
});

test('a UUID is of version 4', () => {
  assert.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(random.uuid(), random.uuid());
});
