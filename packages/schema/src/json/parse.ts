/**
 * Opens JSON bytes that are known to be good: checked by the scanner, or written by this process. Nothing is checked
 * again. Objects become maps and numbers keep their text, so nothing is lost and no input becomes a property name.
 */
import { numeric, plain, stringText, white } from './bytes.ts';
import { type Json, JsonNumber } from './value.ts';

const quote = 0x22;
const backslash = 0x5c;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const letterT = 0x74;
const letterF = 0x66;
const letterN = 0x6e;

/** From behind the opening quote to the closing one. */
const stringEnd = (bytes: Uint8Array, from: number): number => {
  let at = from;
  for (;;) {
    while (plain[bytes[at] ?? quote] === 1) at += 1;
    const byte = bytes[at] ?? quote;
    if (byte === quote) return at;
    at += byte === backslash ? 2 : 1;
  }
};

const afterWhite = (bytes: Uint8Array, from: number): number => {
  let at = from;
  while (white[bytes[at] ?? 0] === 1) at += 1;
  return at;
};

/** Past the white space, the one separator and the white space behind it. */
const afterSeparator = (bytes: Uint8Array, from: number): number => afterWhite(bytes, afterWhite(bytes, from) + 1);

/** Strings of more bytes are long ones: decoding them costs more than what is made of them afterwards. */
const longBytes = 64;

class Reader {
  readonly #bytes: Uint8Array;
  readonly #longText: ((bytes: Uint8Array) => unknown) | undefined;
  #at: number;

  constructor(bytes: Uint8Array, longText: ((bytes: Uint8Array) => unknown) | undefined) {
    this.#bytes = bytes;
    this.#longText = longText;
    this.#at = afterWhite(bytes, 0);
  }

  value(): Json {
    const byte = this.#bytes[this.#at] ?? 0;
    if (byte === quote) return this.#text();
    if (byte === openObject) return this.#object();
    if (byte === openArray) return this.#array();
    if (byte === letterT) return this.#word(4, true);
    if (byte === letterF) return this.#word(5, false);
    return byte === letterN ? this.#word(4, null) : this.#number();
  }

  #string(): string {
    const start = this.#at + 1;
    const end = stringEnd(this.#bytes, start);
    this.#at = end + 1;
    return stringText(this.#bytes, start, end);
  }

  #text(): Json {
    if (this.#longText === undefined) return this.#string();
    const start = this.#at + 1;
    const end = stringEnd(this.#bytes, start);
    const inside = this.#bytes.subarray(start, end);
    if (inside.length <= longBytes || inside.includes(backslash)) return this.#string();
    this.#at = end + 1;
    return this.#longText(inside) as Json;
  }

  #word<T>(length: number, value: T): T {
    this.#at += length;
    return value;
  }

  #number(): JsonNumber {
    const start = this.#at;
    let at = start;
    while (numeric[this.#bytes[at] ?? 0] === 1) at += 1;
    if (at === start) throw new TypeError(`no JSON value at byte ${start}`);
    this.#at = at;
    return new JsonNumber(stringText(this.#bytes, start, at));
  }

  #object(): Json {
    const found = new Map<string, Json>();
    this.#at = afterWhite(this.#bytes, this.#at + 1);
    while (this.#bytes[this.#at] !== closeObject) {
      const name = this.#string();
      this.#at = afterSeparator(this.#bytes, this.#at);
      found.set(name, this.value());
      this.#next();
    }
    this.#at += 1;
    return found;
  }

  #array(): Json {
    const found: Json[] = [];
    this.#at = afterWhite(this.#bytes, this.#at + 1);
    while (this.#bytes[this.#at] !== closeArray) {
      found.push(this.value());
      this.#next();
    }
    this.#at += 1;
    return found;
  }

  #next(): void {
    const at = afterWhite(this.#bytes, this.#at);
    this.#at = this.#bytes[at] === 0x2c ? afterWhite(this.#bytes, at + 1) : at;
  }
}

/** The value of checked bytes. */
export const parseChecked = (bytes: Uint8Array): Json => new Reader(bytes, undefined).value();

/** The same, where long strings without escapes become what `longText` makes of their bytes. */
export const parseWithLong = <T>(bytes: Uint8Array, longText: (bytes: Uint8Array) => T): WithLong<T> =>
  new Reader(bytes, longText).value();

export type WithLong<T> =
  | T
  | null
  | boolean
  | string
  | JsonNumber
  | readonly WithLong<T>[]
  | ReadonlyMap<string, WithLong<T>>;

/** Where the value that starts at `from` ends. */
const valueEnd = (bytes: Uint8Array, from: number): number => {
  let depth = 0;
  let at = from;
  do {
    const byte = bytes[at] ?? closeObject;
    if (byte === quote) at = stringEnd(bytes, at + 1);
    else if (byte === openObject || byte === openArray) depth += 1;
    else if (byte === closeObject || byte === closeArray) depth -= 1;
    else if (depth === 0) return scalarEnd(bytes, at);
    at += 1;
  } while (depth > 0);
  return at;
};

const scalarEnd = (bytes: Uint8Array, from: number): number => {
  let at = from;
  for (
    let byte = bytes[at] ?? 0x2c;
    byte !== 0x2c && byte !== closeObject && white[byte] === 0;
    byte = bytes[at] ?? 0x2c
  )
    at += 1;
  return at;
};

/** The members of a checked object as slices of its bytes, each made by `make`. Throws `TypeError` for what is no object. */
export const splitMembers = <R>(bytes: Uint8Array, make: (slice: Uint8Array) => R): ReadonlyMap<string, R> => {
  let at = afterWhite(bytes, 0);
  if (bytes[at] !== openObject) throw new TypeError('not a JSON object');
  const found = new Map<string, R>();
  at = afterWhite(bytes, at + 1);
  while (at < bytes.length && bytes[at] !== closeObject) {
    const nameEnd = stringEnd(bytes, at + 1);
    const name = stringText(bytes, at + 1, nameEnd);
    const start = afterSeparator(bytes, nameEnd + 1);
    const stop = valueEnd(bytes, start);
    found.set(name, make(bytes.subarray(start, stop)));
    at = afterWhite(bytes, stop);
    if (bytes[at] === 0x2c) at = afterWhite(bytes, at + 1);
  }
  return found;
};
