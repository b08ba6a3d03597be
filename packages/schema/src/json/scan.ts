/**
 * The one reader of JSON from outside. One pass over the bytes, without recursion and without copies: either they are
 * exactly one JSON value (RFC 8259, UTF-8 without byte order mark) within the limits, or a `malformed_body` error names
 * what is wrong and where, never what was there.
 */
import { CofferError } from '../errors.ts';
import { numeric, plain, sequenceEnd, white } from './bytes.ts';
import { Names } from './names.ts';
import { RawJson } from './raw.ts';

export interface ScanLimits {
  readonly depth: number;
  /** Members of all objects together. */
  readonly keys: number;
  /** Values of all kinds together. */
  readonly values: number;
  readonly numberCharacters: number;
}

export const scanLimits: ScanLimits = { depth: 64, keys: 10_000, values: 100_000, numberCharacters: 1000 };

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openArray = 0x5b;
const backslash = 0x5c;
const closeArray = 0x5d;
const letterU = 0x75;
const openObject = 0x7b;
const closeObject = 0x7d;
const end = -1;

const words: ReadonlyMap<number, string> = new Map([
  [0x74, 'true'],
  [0x66, 'false'],
  [0x6e, 'null'],
]);
/** What may follow a backslash, beside `u`: `"` `\` `/` b f n r t. */
const escaped: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);
/** RFC 8259 §6; no two parts can match the same character. */
const numberForm = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const hexForm = /^[0-9a-fA-F]{4}$/;

const fail = (what: string, at: number): never => {
  throw new CofferError('malformed_body', `failed to parse JSON input: ${what} at byte ${at}`);
};

class Scan {
  readonly #bytes: Uint8Array;
  readonly #limits: ScanLimits;
  readonly #names: Names;
  /** For each open container: is it an object. */
  readonly #open: boolean[] = [];
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array, limits: ScanLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#names = new Names(bytes);
  }

  run(): RawJson {
    this.#skipWhite();
    const start = this.#at;
    do {
      while (this.#value());
    } while (this.#following());
    const stop = this.#at;
    if (this.#skipWhite() !== end) fail('something after the value', this.#at);
    return new RawJson(start === 0 && stop === this.#bytes.length ? this.#bytes : this.#bytes.subarray(start, stop));
  }

  #skipWhite(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (white[bytes[at] ?? 0] === 1) at += 1;
    this.#at = at;
    return bytes[at] ?? end;
  }

  /** Reads a scalar or an empty container, or opens a container up to its first value: then true, a value must follow. */
  #value(): boolean {
    const byte = this.#skipWhite();
    this.#values += 1;
    if (this.#values > this.#limits.values) fail(`more than ${this.#limits.values} values`, this.#at);
    if (byte === quote) this.#string();
    else if (byte === openObject) return this.#openObject();
    else if (byte === openArray) return this.#openArray();
    else if (byte === end) fail('the input ends where a value is expected', this.#at);
    else if (numeric[byte] === 1) this.#number();
    else this.#word(byte);
    return false;
  }

  #openObject(): boolean {
    this.#deeper(true);
    this.#names.open();
    if (this.#skipWhite() === closeObject) return this.#close();
    this.#name();
    return true;
  }

  #openArray(): boolean {
    this.#deeper(false);
    return this.#skipWhite() === closeArray ? this.#close() : true;
  }

  #deeper(object: boolean): void {
    if (this.#open.length >= this.#limits.depth) fail(`nested deeper than ${this.#limits.depth}`, this.#at);
    this.#open.push(object);
    this.#at += 1;
  }

  #close(): false {
    if (this.#open.pop() === true) this.#names.close();
    this.#at += 1;
    return false;
  }

  /** After a value: closes what ends here. True where another value follows, false at the end of the outermost one. */
  #following(): boolean {
    while (this.#open.length > 0) {
      const object = this.#open[this.#open.length - 1] === true;
      const byte = this.#skipWhite();
      if (byte === comma) {
        this.#at += 1;
        if (object) this.#name();
        return true;
      }
      if (byte === end) fail(`the input ends inside an ${object ? 'object' : 'array'}`, this.#at);
      if (byte !== (object ? closeObject : closeArray)) fail(`expected "," or "${object ? '}' : ']'}"`, this.#at);
      this.#close();
    }
    return false;
  }

  #name(): void {
    if (this.#skipWhite() !== quote) fail('expected the name of a member', this.#at);
    const start = this.#at + 1;
    const withEscapes = this.#string();
    if (this.#names.total > this.#limits.keys - 1) fail(`more than ${this.#limits.keys} members`, start);
    const wrong = this.#names.add(start, this.#at - 1, withEscapes);
    if (wrong !== undefined) fail(wrong, start);
    if (this.#skipWhite() !== colon) fail('expected ":"', this.#at);
    this.#at += 1;
  }

  /** From the opening to behind the closing quote. True where there were escapes. */
  #string(): boolean {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    let withEscapes = false;
    for (;;) {
      while (plain[bytes[at] ?? 0] === 1) at += 1;
      const byte = bytes[at] ?? end;
      if (byte === quote) break;
      if (byte === backslash) {
        withEscapes = true;
        at = this.#escape(at);
      } else if (byte < 0x20) fail(byte === end ? 'the input ends inside a string' : 'a control character', at);
      else at = this.#sequence(at);
    }
    this.#at = at + 1;
    return withEscapes;
  }

  #sequence(at: number): number {
    const next = sequenceEnd(this.#bytes, at);
    return next === -1 ? fail('invalid UTF-8', at) : next;
  }

  #escape(at: number): number {
    const byte = this.#bytes[at + 1] ?? 0;
    if (escaped[byte] === 1) return at + 2;
    if (byte !== letterU) fail('an invalid escape', at);
    const unit = this.#hex(at + 2);
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const low = this.#bytes[at + 6] === backslash && this.#bytes[at + 7] === letterU ? this.#hex(at + 8) : 0;
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) fail('half a surrogate pair', at);
    return at + 12;
  }

  #hex(at: number): number {
    const text = String.fromCharCode(...this.#bytes.subarray(at, at + 4));
    return hexForm.test(text) ? Number.parseInt(text, 16) : fail('an invalid escape', at - 2);
  }

  #number(): void {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    while (numeric[bytes[at] ?? 0] === 1) at += 1;
    if (at - start > this.#limits.numberCharacters)
      fail(`a number of more than ${this.#limits.numberCharacters} characters`, start);
    if (!numberForm.test(String.fromCharCode(...bytes.subarray(start, at)))) fail('an invalid number', start);
    this.#at = at;
  }

  #word(byte: number): void {
    const word = words.get(byte) ?? fail('an unexpected character', this.#at);
    for (let index = 1; index < word.length; index += 1) {
      if (this.#bytes[this.#at + index] !== word.charCodeAt(index)) fail('an unexpected character', this.#at);
    }
    this.#at += word.length;
  }
}

/** Throws `CofferError` `malformed_body`. The answer looks into `bytes`, which must not change any more. */
export const scanJson = (bytes: Uint8Array, limits?: Partial<ScanLimits>): RawJson =>
  new Scan(bytes, limits === undefined ? scanLimits : { ...scanLimits, ...limits }).run();
