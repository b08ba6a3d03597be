/** Exact decimal arithmetic for the functions that add floats as people do: 0.1 + 0.2 is 0.3. */

interface Decimal {
  readonly digits: bigint;
  /** Places behind the point. */
  readonly places: number;
}

export type Operation = 'add' | 'subtract' | 'multiply' | 'divide';

/** Quotients are rounded to so many places. */
const divisionPlaces = 16;

const decimalOf = (value: number): Decimal => {
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const [whole = '0', behind = ''] = mantissa.split('.');
  const places = behind.length - Number(power);
  const digits = BigInt(whole + behind);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
};

const aligned = (a: Decimal, b: Decimal): readonly [bigint, bigint, number] => {
  const places = Math.max(a.places, b.places);
  const at = ({ digits, places: own }: Decimal): bigint => digits * 10n ** BigInt(places - own);
  return [at(a), at(b), places];
};

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** Halves go away from zero. */
const quotient = (a: bigint, b: bigint): Decimal => {
  const scaled = absolute(a) * 10n ** BigInt(divisionPlaces);
  const size = (scaled * 2n + absolute(b)) / (absolute(b) * 2n);
  return { digits: a < 0n === b < 0n ? size : -size, places: divisionPlaces };
};

const operations: { readonly [O in Operation]: (a: Decimal, b: Decimal) => Decimal } = {
  add: (a, b) => {
    const [left, right, places] = aligned(a, b);
    return { digits: left + right, places };
  },
  subtract: (a, b) => {
    const [left, right, places] = aligned(a, b);
    return { digits: left - right, places };
  },
  multiply: (a, b) => ({ digits: a.digits * b.digits, places: a.places + b.places }),
  divide: (a, b) => {
    const [left, right] = aligned(a, b);
    return quotient(left, right);
  },
};

/** The numbers combined from left to right. All must be finite, divisors not zero. */
export const combine = (operation: Operation, numbers: readonly number[]): number => {
  const result = numbers.map(decimalOf).reduce((a, b) => operations[operation](a, b));
  return Number(`${result.digits}e-${result.places}`);
};
