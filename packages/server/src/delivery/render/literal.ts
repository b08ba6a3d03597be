/** Literals of templates: numbers, texts and runes as Go writes them. Anything else throws `TemplateFault`. */
import { codes, stringOfRune } from './bytes.ts';
import type { NumberLiteral } from './tree.ts';
import { Int } from './value.ts';
import { fault } from './work.ts';

const wholes =
  /^([+-]?)(?:0[xX](?<hex>[0-9a-fA-F]+)|0[oO]?(?<octal>[0-7]+)|0[bB](?<binary>[01]+)|(?<decimal>[1-9]\d*|0))$/;
const floats = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/;
const longest = 1000;
const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** Underscores stand only between digits, or between the sign of a base and a digit. */
const underscoresStand = (text: string): boolean =>
  !/__|^_|_$|_[^0-9a-fA-F]|[^0-9a-fA-F]_/.test(text.replace(/^[+-]/, '').replace(/^0[xXoObB]/, '0'));

const plainOf = (text: string): string => {
  if (!text.includes('_')) return text;
  return underscoresStand(text) ? text.replaceAll('_', '') : fault(`${text} is not a number: look at its underscores`);
};

const bases = { hex: '0x', octal: '0o', binary: '0b', decimal: '' } as const;

/** The whole number a text writes, undefined where it writes none. Any size. */
const wholeOf = (text: string): bigint | undefined => {
  const match = wholes.exec(text);
  if (match?.groups === undefined) return undefined;
  for (const [base, prefix] of Object.entries(bases)) {
    const digits = match.groups[base];
    if (digits !== undefined) return BigInt(prefix + digits) * (match[1] === '-' ? -1n : 1n);
  }
  return undefined;
};

const hexFloatOf = (text: string): number | undefined => {
  const [, sign, before = '', after = '', power] = hexFloat.exec(text) ?? [];
  if (before + after === '' || power === undefined) return undefined;
  const size = Number(BigInt(`0x${before}${after}`)) * 2 ** (Number(power) - 4 * after.length);
  return sign === '-' ? -size : size;
};

const floatOf = (text: string): number | undefined => (floats.test(text) ? Number(text) : hexFloatOf(text));

const inRange = (whole: bigint): boolean => whole >= smallest && whole <= largest;

/** Throws where the text is no number, or a whole one that does not fit 64 bits. */
export const readNumber = (text: string): NumberLiteral => {
  if (text.length > longest) fault('a number is written with too many digits');
  const plain = plainOf(text);
  const whole = wholeOf(plain);
  if (whole !== undefined) {
    if (!inRange(whole)) fault(`${text} is too large: whole numbers have 64 bits`);
    return { kind: 'number', value: new Int(whole), whole, float: Number(whole) };
  }
  const float = floatOf(plain);
  if (float === undefined || !Number.isFinite(float) || !/[.eEpP]/.test(plain)) return fault(`${text} is not a number`);
  const same = Number.isInteger(float) && inRange(BigInt(float)) ? BigInt(float) : undefined;
  return { kind: 'number', value: float, whole: same, float };
};

const simple: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);
const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/;
const escapes = new RegExp(escape, 'g');

const runeOf = (hex: string): string => {
  const code = Number.parseInt(hex, 16);
  const is = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return is ? stringOfRune(code) : fault(`\\u${hex} is no character`);
};

const opened = (written: string, quote: string): string => {
  const [, byte, short, long, octal, one] = escape.exec(written) ?? [];
  if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
  if (short !== undefined || long !== undefined) return runeOf(short ?? long ?? '');
  if (octal !== undefined && Number.parseInt(octal, 8) < 256) return String.fromCharCode(Number.parseInt(octal, 8));
  const made = one === quote ? quote : simple.get(one ?? '');
  return made ?? fault('a text holds an escape that does not exist: write `\\\\` for a backslash');
};

/** The string between the quotes, its escapes opened. `quote` may be escaped, the other one may not. */
const unescape = (inside: string, quote: string): string => inside.replaceAll(escapes, found => opened(found, quote));

/** `"…"` */
export const readString = (text: string): string => unescape(text.slice(1, -1), '"');

/** `'c'` as its code point. */
export const readRune = (text: string): NumberLiteral => {
  const inside = text.slice(1, -1);
  const made = unescape(inside, "'");
  const byte = /^\\(?:x..|\d{3})$/.test(inside);
  const found = byte ? [made.charCodeAt(0)] : codes(made);
  if (found.length !== 1 || found[0] === undefined)
    return fault(`a character in single quotes must be one: use "…" for texts`);
  return { kind: 'number', value: new Int(found[0]), whole: BigInt(found[0]), float: found[0] };
};
