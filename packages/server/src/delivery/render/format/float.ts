/** Floats as Go's strconv writes them. */

interface Digits {
  readonly digits: string;
  /** The first digit counts 10^exponent. */
  readonly exponent: number;
}

const split = (text: string): Digits => {
  const [mantissa = '0', exponent = '0'] = text.split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
};

/** No float has more digits that are not zero, before or behind the point. */
const mostDigits = 1100;

/** The value as digits × 10^-places, exactly. */
const exact = (size: number): { digits: bigint; places: number } => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const mantissa = (bits & 0xfffffffffffffn) | (field === 0 ? 0n : 1n << 52n);
  const power = Math.max(field, 1) - 1075;
  return power < 0
    ? { digits: mantissa * 5n ** BigInt(-power), places: -power }
    : { digits: mantissa << BigInt(power), places: 0 };
};

/** The digits left when all but `places` places behind the point are rounded away; halves go to the even digit. */
const rounded = (size: number, places: number): bigint => {
  const { digits, places: own } = exact(size);
  if (places >= own) return digits * 10n ** BigInt(places - own);
  const unit = 10n ** BigInt(own - places);
  const twice = (digits % unit) * 2n;
  const whole = digits / unit;
  return twice > unit || (twice === unit && whole % 2n === 1n) ? whole + 1n : whole;
};

/** `count` significant digits. */
const significant = (size: number, wanted: number): Digits => {
  const count = Math.min(wanted, mostDigits);
  if (size === 0) return { digits: '0'.repeat(wanted), exponent: 0 };
  const { exponent } = split(size.toExponential());
  const digits = rounded(size, count - 1 - exponent).toString();
  // Rounding up may have made one digit more: 9.99 → 10.0.
  const more = digits.length > count;
  return { digits: digits.slice(0, count).padEnd(wanted, '0'), exponent: more ? exponent + 1 : exponent };
};

const digitsOf = (size: number, count: number | undefined): Digits =>
  count === undefined ? split(size.toExponential()) : significant(size, count);

const exponential = ({ digits, exponent }: Digits): string => {
  const power = String(Math.abs(exponent)).padStart(2, '0');
  const rest = digits.slice(1);
  return `${digits.charAt(0)}${rest === '' ? '' : `.${rest}`}e${exponent < 0 ? '-' : '+'}${power}`;
};

const positional = ({ digits, exponent }: Digits): string => {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = digits.slice(exponent + 1);
  return rest === '' ? whole : `${whole}.${rest}`;
};

const fixedPoint = (size: number, wanted: number): string => {
  const places = Math.min(wanted, mostDigits);
  const digits = rounded(size, places)
    .toString()
    .padStart(places + 1, '0');
  const point = digits.length - places;
  return places === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point).padEnd(wanted, '0')}`;
};

/** A pattern would look at each run of zeros again and again. */
const withoutZeros = (digits: string): string => {
  let end = digits.length;
  while (end > 1 && digits.charAt(end - 1) === '0') end--;
  return digits.slice(0, end);
};

/** %g: the shorter of both. Without a precision as many digits as tell the number from its neighbours. */
const general = (size: number, precision: number | undefined): string => {
  const count = precision === undefined ? undefined : Math.max(precision, 1);
  const { digits: all, exponent } = digitsOf(size, count);
  const digits = withoutZeros(all);
  const enough = count !== undefined && count > digits.length && digits.length >= exponent + 1;
  const most = enough ? digits.length : (count ?? 6);
  return exponent < -4 || exponent >= most ? exponential({ digits, exponent }) : positional({ digits, exponent });
};

/** One of e, f, g. Without its sign; NaN and Inf are the caller's. */
export const formatFloat = (size: number, verb: string, precision: number | undefined): string => {
  if (verb === 'e') return exponential(digitsOf(size, precision === undefined ? undefined : precision + 1));
  return verb === 'f' ? fixedPoint(size, precision ?? 0) : general(size, precision);
};
