/** Tables and steps over UTF-8 bytes that the scanner, the splitter and the writer share. */

const quote = 0x22;
const backslash = 0x5c;

/** 1 for a byte that stands for itself inside a JSON string: ASCII from space up, neither `"` nor `\`. */
export const plain: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== backslash ? 1 : 0,
);

/** 1 for JSON's white space. */
export const white: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  [0x20, 0x09, 0x0a, 0x0d].includes(byte) ? 1 : 0,
);

/** 1 for a byte that a number may hold. */
export const numeric: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte >= 0x30 && byte <= 0x39) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].includes(byte) ? 1 : 0,
);

const isTail = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The second byte's least and greatest value, where the first byte narrows it (RFC 3629 §4): overlong, surrogate, too high. */
const second = (first: number): readonly [number, number] => {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  return first === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
};

/** Where the multi-byte UTF-8 sequence that starts at `at` ends, or -1 where it is not valid. */
export const sequenceEnd = (bytes: Uint8Array, at: number): number => {
  const first = bytes[at] ?? 0;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0) return -1;
  const next = bytes[at + 1] ?? 0;
  const [least, greatest] = second(first);
  if (next < least || next > greatest) return -1;
  for (let tail = at + 2; tail < at + length; tail += 1) if (!isTail(bytes[tail])) return -1;
  return at + length;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const shortLimit = 40;

/** The text of a checked JSON string; `start` and `end` lie inside its quotes. */
export const stringText = (bytes: Uint8Array, start: number, end: number): string => {
  let ascii = end - start <= shortLimit;
  for (let at = start; ascii && at < end; at += 1) ascii = plain[bytes[at] ?? 0] === 1;
  if (ascii) return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  const text = utf8.decode(bytes.subarray(start, end));
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
};
