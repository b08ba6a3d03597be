/**
 * Writes answers as JSON. Beside raw answers this is the one place that reveals a `Secret`, as a JSON string of its
 * bytes, without making a JavaScript string of it. `RawJson` goes out byte for byte. Throws `TypeError` for what JSON
 * cannot carry: functions, symbols, non-finite numbers, objects of other classes, bytes that are not UTF-8, cycles.
 */
import type { Out } from '../out.ts';
import { Secret } from '../secret.ts';
import { plain, sequenceEnd } from './bytes.ts';
import { RawJson } from './raw.ts';
import { JsonNumber } from './value.ts';

const firstSizeBytes = 4096;
/** A buffer grown beyond this is not used again. */
const reusedBytesLimit = 65_536;
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

/**
 * The buffer of the last writer, for the next one: most answers are small, and making and growing a buffer costs more
 * than to write them. Undefined while a writer holds it.
 */
let spare: Uint8Array<ArrayBuffer> | undefined;

/** A growing buffer of JSON text. */
export class JsonWriter {
  #bytes = spare ?? new Uint8Array(firstSizeBytes);
  #length = 0;
  #depth = 0;

  constructor() {
    spare = undefined;
  }

  /** What was written; the writer must not be used afterwards. Nothing of it stays in the buffer that is used again. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    if (bytes.length > reusedBytesLimit) return bytes.subarray(0, this.#length);
    const written = bytes.slice(0, this.#length);
    spare = bytes.fill(0, 0, this.#length);
    return written;
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
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
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
    if (value instanceof RawJson) return this.#copy(value.bytes);
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

  #date(value: Date): void {
    if (Number.isNaN(value.getTime())) throw new TypeError('an invalid date cannot be written as JSON');
    this.#string(value.toISOString());
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
