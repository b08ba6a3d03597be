/**
 * Shamir's secret sharing over GF(2^8) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1. A share is one byte of the
 * curve for each byte of the secret, then its x coordinate. Fewer shares than the threshold say nothing about the secret.
 * No table is indexed by, and no branch taken on, a secret byte.
 */
import type { Random } from '../../contracts/random.ts';

export const sharesLimit = 255;

/** x of a share is its last byte. */
const coordinate = (share: Uint8Array): number => share.at(-1) ?? 0;

const multiply = (left: number, right: number): number => {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    product ^= -((right >>> bit) & 1) & left;
    left = (left << 1) ^ (-(left >>> 7) & 0x11b);
  }
  return product;
};

/** a^254, which is 1/a, and 0 for 0. */
const inverse = (a: number): number => {
  let power = a;
  let result = 1;
  for (let bit = 1; bit < 8; bit++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
};

/** The polynomial with these coefficients, lowest first, at x (Horner). */
const evaluate = (coefficients: Uint8Array, x: number): number =>
  coefficients.reduceRight((sum, coefficient) => multiply(sum, x) ^ coefficient, 0);

export interface Splitting {
  /** 1 to 255. */
  readonly shares: number;
  /** 1 to `shares`. */
  readonly threshold: number;
}

export const split = (secret: Uint8Array, { shares, threshold }: Splitting, random: Random): readonly Uint8Array[] => {
  const made = Array.from({ length: shares }, (_, at) => new Uint8Array(secret.length + 1).fill(at + 1, secret.length));
  for (const [at, byte] of secret.entries()) {
    const coefficients = new Uint8Array(threshold);
    coefficients.set(random.bytes(threshold - 1), 1);
    coefficients[0] = byte;
    for (const share of made) share[at] = evaluate(coefficients, coordinate(share));
    coefficients.fill(0);
  }
  return made;
};

/** What each share weighs at x = 0 (Lagrange); in GF(2^8) minus is plus. */
const weights = (points: readonly number[]): readonly number[] =>
  points.map(x => points.reduce((weight, y) => (y === x ? weight : multiply(weight, multiply(y, inverse(y ^ x)))), 1));

/**
 * The secret where the shares are as many as the threshold, all genuine and of one secret; otherwise other bytes, which
 * only a use of the secret shows. Undefined where they cannot be shares of one secret.
 */
export const combine = (shares: readonly Uint8Array[]): Uint8Array | undefined => {
  const points = shares.map(coordinate);
  const [first] = shares;
  if (first === undefined || first.length < 2 || shares.some(share => share.length !== first.length)) return undefined;
  if (new Set(points).size !== points.length || points.includes(0)) return undefined;
  const weight = weights(points);
  return new Uint8Array(first.length - 1).map((_, at) =>
    shares.reduce((sum, share, index) => sum ^ multiply(share[at] ?? 0, weight[index] ?? 0), 0),
  );
};
