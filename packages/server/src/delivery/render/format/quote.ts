/** Texts and runes in quotes, as Go's strconv writes them. */
import { badRune, runeAt, stringOfRune } from '../bytes.ts';

const named: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
  [0x5c, '\\\\'],
]);

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
export const isPrintable = (code: number): boolean => printable.test(String.fromCodePoint(code));

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

const quotedRune = (code: number, quote: string, ascii: boolean): string => {
  if (code === quote.charCodeAt(0)) return `\\${quote}`;
  const name = named.get(code);
  if (name !== undefined) return name;
  if (isPrintable(code) && (!ascii || code < 0x80)) return stringOfRune(code);
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
};

/** In double quotes. `ascii`: everything beyond ASCII is escaped. A byte that is not UTF-8 becomes `\xff`. */
export const quote = (string: string, ascii = false): string => {
  const made: string[] = [];
  for (let at = 0; at < string.length; ) {
    const { code, length } = runeAt(string, at);
    const broken = code === badRune && length === 1;
    made.push(broken ? `\\x${hex(string.charCodeAt(at), 2)}` : quotedRune(code, '"', ascii));
    at += length;
  }
  return `"${made.join('')}"`;
};

export const quoteRune = (code: number, ascii = false): string => `'${quotedRune(code, "'", ascii)}'`;

/** Whether it can stand between backquotes. */
export const fitsRaw = (string: string): boolean => {
  for (let at = 0; at < string.length; ) {
    const { code, length } = runeAt(string, at);
    if ((code === badRune && length === 1) || code === 0x60 || code === 0x7f || code === 0xfeff) return false;
    if (code < 0x20 && code !== 9) return false;
    at += length;
  }
  return true;
};
