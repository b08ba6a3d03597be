/** Verbs of printf over single values. Each answers undefined where the verb does not fit the value. */
import { pieces, stringOfRune } from '../bytes.ts';
import type { Int } from '../value.ts';
import { type Flags, pad } from './flags.ts';
import { formatFloat } from './float.ts';
import { fitsRaw, isPrintable, quote, quoteRune } from './quote.ts';

const radix: ReadonlyMap<string, number> = new Map([
  ['v', 10],
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
]);
const prefixes: ReadonlyMap<number, string> = new Map([
  [2, '0b'],
  [8, '0'],
  [16, '0x'],
]);

const signOf = (negative: boolean, { plus, space }: Flags): string => (negative ? '-' : plus ? '+' : space ? ' ' : '');

const digitsOf = (size: bigint, base: number, flags: Flags & { sign: string }): string => {
  const { precision, zero, minus, width, sign, work } = flags;
  const filled = zero && !minus && width !== undefined ? width - sign.length : 0;
  const least = precision ?? filled;
  work.make(Math.max(least, 0));
  return size.toString(base).padStart(least, '0');
};

const integer = (value: bigint, verb: string, flags: Flags): string => {
  const base = radix.get(verb) ?? 10;
  if (flags.precision === 0 && value === 0n) return pad('', { ...flags, zero: false });
  const size = value < 0n ? -value : value;
  const sign = signOf(value < 0n, flags);
  const digits = digitsOf(size, base, { ...flags, sign });
  const wanted = verb === 'O' ? '0o' : flags.sharp ? (prefixes.get(base) ?? '') : '';
  const prefix = wanted === '0' && digits.startsWith('0') ? '' : wanted;
  const text = prefix + digits;
  return pad(sign + (verb === 'X' ? text.toUpperCase() : text), { ...flags, zero: false });
};

const codePoint = (code: bigint, flags: Flags): string => {
  const { precision = 4, sharp, work } = flags;
  work.make(precision);
  const digits = code.toString(16).toUpperCase().padStart(Math.max(precision, 4), '0');
  const shown = sharp && code <= 0x10ffffn && isPrintable(Number(code)) ? ` '${stringOfRune(Number(code))}'` : '';
  return pad(`U+${digits}${shown}`, { ...flags, zero: false });
};

export const formatInt = ({ value, kind }: Int, verb: string, flags: Flags): string | undefined => {
  if (verb === 'v' && flags.syntax && kind === 'uint8') return integer(value, 'x', { ...flags, sharp: true });
  if (radix.has(verb)) return integer(value, verb, flags);
  const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
  if (verb === 'c') return pad(stringOfRune(code), flags);
  if (verb === 'q') return pad(quoteRune(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code, flags.plus), flags);
  return verb === 'U' ? codePoint(BigInt.asUintN(64, value), flags) : undefined;
};

const floatVerbs: ReadonlyMap<string, readonly [verb: string, precision: number | undefined]> = new Map([
  ['v', ['g', undefined]],
  ['g', ['g', undefined]],
  ['G', ['g', undefined]],
  ['e', ['e', 6]],
  ['E', ['e', 6]],
  ['f', ['f', 6]],
  ['F', ['f', 6]],
]);

const floatText = (value: number, verb: string, precision: number | undefined): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return 'Inf';
  return formatFloat(Math.abs(value), verb, precision);
};

export const formatNumber = (value: number, verb: string, flags: Flags): string | undefined => {
  const [kind, usual] = floatVerbs.get(verb) ?? [];
  if (kind === undefined) return undefined;
  flags.work.make(flags.precision ?? 0);
  const made = floatText(value, kind, flags.precision ?? usual);
  const text = verb === 'G' || verb === 'E' ? made.toUpperCase() : made;
  const endless = !Number.isFinite(value);
  const sign = signOf(value < 0 || Object.is(value, -0), flags) || (value === Infinity ? '+' : '');
  const filled = flags.zero && !flags.minus && !endless ? (flags.width ?? 0) - sign.length : 0;
  return pad(sign + text.padStart(filled, '0'), { ...flags, zero: false });
};

const hexOf = (string: string, verb: string, { sharp, space, precision, work }: Flags): string => {
  const bytes = precision === undefined ? string : string.slice(0, precision);
  if (bytes === '') return '';
  work.make(bytes.length * 2);
  const prefix = sharp ? '0x' : '';
  const each = Array.from(bytes, byte => byte.charCodeAt(0).toString(16).padStart(2, '0'));
  const text = space ? each.map(byte => prefix + byte).join(' ') : prefix + each.join('');
  return verb === 'X' ? text.toUpperCase() : text;
};

export const formatString = (string: string, verb: string, flags: Flags): string | undefined => {
  if (verb === 'x' || verb === 'X') return pad(hexOf(string, verb, flags), flags);
  const { precision } = flags;
  const cut = precision === undefined ? string : pieces(string).slice(0, precision).join('');
  if (verb === 's' || (verb === 'v' && !flags.syntax)) return pad(cut, flags);
  if (verb !== 'q' && verb !== 'v') return undefined;
  const raw = flags.sharp && verb === 'q' && fitsRaw(cut);
  return pad(raw ? `\`${cut}\`` : quote(cut, flags.plus), flags);
};

export const formatBool = (value: boolean, verb: string, flags: Flags): string | undefined =>
  verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined;
