/**
 * Writes answers as JSON. Beside raw answers this is the one place that reveals a `Secret`, as a JSON string of its
 * bytes, without making a JavaScript string of it. `RawJson` goes out byte for byte. Throws `TypeError` for what JSON
 * cannot carry: functions, symbols, non-finite numbers, objects of other classes, bytes that are not UTF-8, cycles.
 */
import { isoTime } from '../iso-time.ts';
import type { Out } from '../out.ts';
import { Secret } from '../secret.ts';
import { plain, sequenceEnd } from './bytes.ts';
import { RawJson } from './raw.ts';
import { JsonNumber } from './value.ts';

const firstSizeBytes = 1024;
/** Short-lived answers are cut from buffers of this size; up to half of one is written without growing. */
const sharedBytes = 65_536;
const depthLimit = 256;
/** Longer strings are encoded by the platform, shorter ones character by character: that is faster. */
const shortLimit = 100;

const encoder = new TextEncoder();
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;

const shortEscapes: ReadonlyMap<number, string> = new Map([
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
]);
const escapeOf = (byte: number): string => shortEscapes.get(byte) ?? `\\u${byte.toString(16).padStart(4, '0')}`;

/** A growing buffer of JSON text. */
export class JsonWriter {
  #bytes: Uint8Array;
  #start: number;
  #length: number;
  #depth = 0;

  /** Writes into `bytes` from `start` on, as long as it fits. */
  constructor(bytes: Uint8Array = new Uint8Array(firstSizeBytes), start = 0) {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = start;
  }

  /** What was written; the writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#length);
  }

  /** JSON text that was written before: ASCII, taken as it is. */
  written(text: string): void {
    this.#text(text);
  }

  value(value: Out): void {
    switch (typeof value) {
      case 'string':
        return this.#string(value);
      case 'object':
        return value === null ? this.#text('null') : this.#object(value);
      case 'boolean':
      case 'bigint':
        return this.#text(String(value));
      case 'number':
        return this.#number(value);
      default:
        throw new TypeError(`a ${typeof value} cannot be written as JSON`);
    }
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const written = this.finish();
    const larger = new Uint8Array(Math.max(firstSizeBytes, (written.length + bytes) * 2));
    larger.set(written);
    this.#bytes = larger;
    this.#start = 0;
    this.#length = written.length;
  }

  #byte(byte: number): void {
    if (this.#length === this.#bytes.length) this.#room(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  /** ASCII that needs no escape. */
  #text(text: string): void {
    this.#room(text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < text.length; index += 1, at += 1) bytes[at] = text.charCodeAt(index);
    this.#length = at;
  }

  #copy(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #number(value: number): void {
    if (!Number.isFinite(value)) throw new TypeError('a number that is not finite cannot be written as JSON');
    this.#text(String(value));
  }

  #string(text: string): void {
    if (text.length > shortLimit) return this.#anyString(text);
    this.#room(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = quote;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (plain[unit] !== 1) return this.#anyString(text);
      bytes[at++] = unit;
    }
    bytes[at++] = quote;
    this.#length = at;
  }

  #anyString(text: string): void {
    const json = JSON.stringify(text.toWellFormed());
    this.#room(json.length * 3);
    this.#length += encoder.encodeInto(json, this.#bytes.subarray(this.#length)).written;
  }

  #secret(bytes: Uint8Array): void {
    this.#room(bytes.length + 2);
    this.#byte(quote);
    for (let at = 0; at < bytes.length; ) {
      const byte = bytes[at] ?? 0;
      const next = byte < 0x80 ? at + 1 : sequenceEnd(bytes, at);
      if (next === -1) throw new TypeError('a secret that is not UTF-8 cannot be written as JSON');
      if (byte < 0x80 && plain[byte] !== 1) this.#text(escapeOf(byte));
      else for (; at < next; at += 1) this.#byte(bytes[at] ?? 0);
      at = next;
    }
    this.#byte(quote);
  }

  #object(value: Exclude<Out, null | undefined | boolean | number | bigint | string>): void {
    if (value instanceof RawJson) return this.#raw(value);
    if (value instanceof Secret) return this.#secret(value.reveal());
    if (value instanceof JsonNumber) return this.#text(value.source);
    if (value instanceof Date) return this.#date(value);
    this.#depth += 1;
    if (this.#depth > depthLimit) throw new TypeError(`nested deeper than ${depthLimit}, or a cycle`);
    if (Array.isArray(value)) this.#array(value as readonly Out[]);
    else if (value instanceof Map) this.#members(value as ReadonlyMap<string, Out>);
    else this.#plainObject(value as { readonly [key: string]: Out });
    this.#depth -= 1;
  }

  #raw({ frame, inner }: RawJson): void {
    if (frame === undefined) return this.#copy(inner);
    this.#text(frame.before);
    this.#copy(inner);
    this.#text(frame.after);
  }

  #date(value: Date): void {
    if (Number.isNaN(value.getTime())) throw new TypeError('an invalid date cannot be written as JSON');
    this.#string(isoTime(value.getTime()));
  }

  #array(values: readonly Out[]): void {
    this.#byte(0x5b);
    for (let index = 0; index < values.length; index += 1) {
      if (index > 0) this.#byte(comma);
      this.value(values[index] ?? null);
    }
    this.#byte(0x5d);
  }

  #members(members: Iterable<readonly [string, Out]>): void {
    this.#byte(0x7b);
    let first = true;
    for (const [name, value] of members) {
      if (value === undefined) continue;
      this.#member(name, value, first);
      first = false;
    }
    this.#byte(0x7d);
  }

  #plainObject(object: { readonly [key: string]: Out }): void {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== null && prototype !== Object.prototype)
      throw new TypeError('an object of this class cannot be written as JSON');
    this.#byte(0x7b);
    let first = true;
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined) continue;
      this.#member(name, value, first);
      first = false;
    }
    this.#byte(0x7d);
  }

  #member(name: string, value: Out, first: boolean): void {
    if (!first) this.#byte(comma);
    this.#string(name);
    this.#byte(colon);
    this.value(value);
  }
}

/** `undefined` members are left out; `undefined` elements are `null`. */
export const writeJson = (value: Out): Uint8Array => {
  const writer = new JsonWriter();
  writer.value(value);
  return writer.finish();
};

/** A buffer that short-lived answers are cut from, one behind the other. */
interface Sheet {
  readonly bytes: Uint8Array<ArrayBuffer>;
  used: number;
  /** Pieces of it that were not given back. */
  live: number;
}

const newSheet = (): Sheet => ({ bytes: new Uint8Array(sharedBytes), used: 0, live: 0 });

/** Those that may be written to anew. */
const freeLimit = 16;

let sheet = newSheet();
/** Full ones of which pieces are still out. A piece keeps its buffer; where all are lost, the runtime takes the buffer back. */
const full = new WeakMap<ArrayBuffer, Sheet>();
const free: Sheet[] = [];

const turnOver = (): void => {
  if (sheet.live > 0) full.set(sheet.bytes.buffer, sheet);
  sheet = free.pop() ?? newSheet();
};

/**
 * The same for bytes that leave at once: they lie in a buffer with those of other answers, which costs a tenth of a
 * buffer of their own. Whoever kept a piece would keep all of it. Who is done with a piece may give it back.
 */
export const writeTransient = (value: Out): Uint8Array => transient(writer => writer.value(value));

export const transient = (write: (writer: JsonWriter) => void): Uint8Array => {
  if (sheet.used > sharedBytes / 2) turnOver();
  const own = sheet;
  const writer = new JsonWriter(own.bytes, own.used);
  write(writer);
  const written = writer.finish();
  if (written.buffer !== own.bytes.buffer) return written;
  own.used = written.byteOffset + written.length;
  own.live += 1;
  return written;
};

/**
 * Nobody has these bytes any more; to be told once for each piece that `transient` made, or never. A buffer whose pieces are
 * all back is written to from its beginning. Bytes that come from elsewhere are left alone.
 */
export const giveBack = (bytes: Uint8Array): void => {
  const of = bytes.buffer === sheet.bytes.buffer ? sheet : full.get(bytes.buffer as ArrayBuffer);
  if (of === undefined) return;
  of.live -= 1;
  if (of.live > 0) return;
  of.used = 0;
  if (full.delete(of.bytes.buffer) && free.length < freeLimit) free.push(of);
};
