import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Random } from '../../contracts/random.ts';
import { realRandom } from '../../platform/random/real.ts';
import { combine, split } from './shamir.ts';

const random = realRandom();
/** Coefficients that a test names. */
const fixed = (...bytes: number[]): Random => ({
  bytes: length => Uint8Array.from(bytes.splice(0, length)),
  uuid: () => '',
});
const secretOf = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

/** Shift and reduce as in FIPS 197 §4.2, with branches: the reference. */
const times = (a: number, b: number): number => {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = product & 0x80 ? ((product << 1) ^ 0x11b) & 0xff : product << 1;
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
};

const subsets = (count: number, size: number): readonly (readonly number[])[] => {
  if (size === 0) return [[]];
  if (count < size) return [];
  return [...subsets(count - 1, size), ...subsets(count - 1, size - 1).map(rest => [...rest, count - 1])];
};

test('the field is that of AES: {57} · {83} = {c1} (FIPS 197 §4.2), and every product is the reference’s', () => {
  assert.equal(times(0x57, 0x83), 0xc1);
  for (let coefficient = 0; coefficient < 256; coefficient++) {
    const shares = split(secretOf(0x1d), { shares: 255, threshold: 2 }, fixed(coefficient));
    for (const [at, share] of shares.entries()) {
      assert.deepEqual([...share], [0x1d ^ times(coefficient, at + 1), at + 1]);
    }
  }
});

/** By hand: f(x) = 42 + 57·x + 83·x²; f(1) = 96; f(2) = 42 + ae + 3a = d6; f(3) = 42 + f9 + b9 = 02. */
test('shares of a known polynomial are known bytes, and combine to the secret', () => {
  const shares = split(secretOf(0x42, 0xff), { shares: 3, threshold: 3 }, fixed(0x57, 0x83, 0x01, 0x00));
  const expected = [1, 2, 3].map(x => [0x42 ^ times(0x57, x) ^ times(0x83, times(x, x)), 0xff ^ x, x]);
  assert.deepEqual(
    shares.map(share => [...share]),
    expected,
  );
  assert.deepEqual(
    shares.map(share => Buffer.from(share).toString('hex')),
    ['96fe01', 'd6fd02', '02fc03'],
  );
  assert.deepEqual(combine(shares), secretOf(0x42, 0xff));
});

test('any threshold of shares gives the secret, in any order; one fewer, or a changed one, gives another', () => {
  for (const [shares, threshold] of [
    [1, 1],
    [2, 2],
    [3, 2],
    [5, 3],
    [6, 6],
    [7, 4],
  ] as const) {
    const secret = random.bytes(32);
    const made = split(secret, { shares, threshold }, random);
    const pick = (points: readonly number[]) => points.map(at => made[at] as Uint8Array);
    for (const points of subsets(shares, threshold)) {
      assert.deepEqual(combine(pick(points)), secret);
      assert.deepEqual(combine(pick(points.toReversed())), secret);
      const [first, ...rest] = pick(points);
      const changed = (first as Uint8Array).with(3, (first?.[3] ?? 0) ^ 1);
      assert.notDeepEqual(combine([changed, ...rest]), secret);
    }
    if (threshold > 1)
      for (const points of subsets(shares, threshold - 1)) assert.notDeepEqual(combine(pick(points)), secret);
  }
});

test('one fewer than the threshold fits every secret equally well', () => {
  const seen = new Set<number>();
  for (let third = 0; third < 256; third++) {
    const known = [secretOf(0xaa, 1), secretOf(0x55, 2)];
    seen.add(combine([...known, secretOf(third, 3)])?.[0] ?? -1);
  }
  assert.equal(seen.size, 256);
});

test('255 shares work', () => {
  const secret = random.bytes(32);
  const made = split(secret, { shares: 255, threshold: 255 }, random);
  assert.deepEqual(combine(made), secret);
});

test('what cannot be shares of one secret is told apart: none, equal points, point 0, unequal lengths', () => {
  const [one, two] = split(random.bytes(32), { shares: 2, threshold: 2 }, random) as [Uint8Array, Uint8Array];
  assert.equal(combine([]), undefined);
  assert.equal(combine([one, one]), undefined);
  assert.equal(combine([one, one.with(0, 1)]), undefined);
  assert.equal(combine([one, two.with(32, 0)]), undefined);
  assert.equal(combine([one, two.subarray(1)]), undefined);
  assert.equal(combine([secretOf(1)]), undefined);
});
