/** The strings of templates at their edges: to and from bytes, to and from text in UTF-8, and their runes. */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const pieceBytes = 8192;

/** One unit per byte. */
export const stringOfBytes = (bytes: Uint8Array): string => {
  let made = '';
  for (let at = 0; at < bytes.length; at += pieceBytes)
    made += String.fromCharCode(...bytes.subarray(at, at + pieceBytes));
  return made;
};

export const bytesOfString = (string: string): Uint8Array => {
  const bytes = new Uint8Array(string.length);
  for (let at = 0; at < string.length; at++) bytes[at] = string.charCodeAt(at);
  return bytes;
};

/** U+0000 to U+007F: the same in both. */
const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export const stringOfText = (text: string): string => (isAscii(text) ? text : stringOfBytes(encoder.encode(text)));

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export const textOfString = (string: string): string =>
  isAscii(string) ? string : decoder.decode(bytesOfString(string));

export interface Rune {
  /** The code point; U+FFFD for a byte that is not UTF-8. */
  readonly code: number;
  readonly length: number;
}

export const badRune = 0xfffd;
const bad: Rune = { code: badRune, length: 1 };
/** Length of a sequence → bits of its first byte that count, and the least code that needs such a length. */
const shapes = [
  { lead: 0xc0, mask: 0x1f, least: 0x80 },
  { lead: 0xe0, mask: 0x0f, least: 0x800 },
  { lead: 0xf0, mask: 0x07, least: 0x10000 },
] as const;

const lengthOf = (first: number): number =>
  first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

/** The rune that starts at `at`, by the rules of Go: every byte that belongs to no rune is one U+FFFD of length 1. */
export const runeAt = (string: string, at: number): Rune => {
  const first = string.charCodeAt(at);
  if (first < 0x80) return { code: first, length: 1 };
  const length = lengthOf(first);
  const shape = shapes[length - 2];
  if (shape === undefined || at + length > string.length) return bad;
  let code = first & shape.mask;
  for (let next = at + 1; next < at + length; next++) {
    const byte = string.charCodeAt(next);
    if ((byte & 0xc0) !== 0x80) return bad;
    code = (code << 6) | (byte & 0x3f);
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < shape.least || code > 0x10ffff || surrogate ? bad : { code, length };
};

/** Its runes as pieces of the string; bytes that are not UTF-8 stay as they are. */
export const pieces = (string: string): string[] => {
  if (isAscii(string)) return string.split('');
  const found: string[] = [];
  for (let at = 0; at < string.length; ) {
    const { length } = runeAt(string, at);
    found.push(string.slice(at, at + length));
    at += length;
  }
  return found;
};

export const codes = (string: string): number[] => pieces(string).map(piece => runeAt(piece, 0).code);

/** The bytes of a rune; U+FFFD for what is none. */
export const stringOfRune = (code: number): string => {
  const is = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return stringOfText(String.fromCodePoint(is ? code : badRune));
};
