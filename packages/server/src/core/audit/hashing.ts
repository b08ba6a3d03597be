/**
 * Makes values fit for an audit record: every string inside becomes `hmac-sha256:<hex>` under the device's salt; numbers,
 * booleans, member names and RFC 3339 times stay readable, and so do members the mount names as not hashed.
 */
import { isoTime } from '@coffer/schema/iso-time.ts';
import type { Out } from '@coffer/schema/out.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { inert } from './inert.ts';
import type { HmacKey } from '../../platform/crypto/hash.ts';
import { flat } from './flat.ts';

const none: ReadonlySet<string> = new Set();
/** Words of answers, such as names of policies, whose hashes are kept: so many, none longer. */
const wordsLimit = 1024;
const wordLengthLimit = 64;

/** How a value is made fit: what stays readable, and how its strings are shown, as JSON. */
interface Reading {
  readonly plain: ReadonlySet<string>;
  readonly shown: (text: string) => string;
}

/** What the device's options say about what stays in clear. */
export interface Clear {
  /** `log_raw`: nothing is hashed. */
  readonly all: boolean;
  /** `hmac_accessor = false`. */
  readonly accessors: boolean;
}

const nothingClear: Clear = { all: false, accessors: false };

export class AuditHasher {
  readonly #key: HmacKey;
  readonly #words = new Map<string, string>();
  readonly #clear: Clear;
  readonly #ofAnswer: Reading;
  readonly #ofCaller: Reading;

  constructor(key: HmacKey, clear: Clear = nothingClear) {
    this.#key = key;
    this.#clear = clear;
    this.#ofAnswer = { plain: none, shown: clear.all ? inert : text => `"${this.#word(text)}"` };
    this.#ofCaller = { plain: none, shown: text => this.shown(text) };
  }

  hash(text: string | Uint8Array): string {
    return `hmac-sha256:${this.#key.hex(text)}`;
  }

  /** As JSON: hashed, unless the device shows all. */
  shown(text: string): string {
    return this.#clear.all ? inert(text) : `"${this.hash(text)}"`;
  }

  /** The same of an accessor, which some devices show. */
  accessor(text: string): string {
    return this.#clear.accessors ? inert(text) : this.shown(text);
  }

  /**
   * JSON text of an answer with its strings hashed. `plain` names members that are left readable with all below them.
   * What is secret in an answer is a `Secret` or `RawJson`, so its other words may be remembered.
   */
  answer(value: Out, plain: ReadonlySet<string> = none): string {
    return this.#any(value, plain.size === 0 ? this.#ofAnswer : { ...this.#ofAnswer, plain });
  }

  /** The same of what a caller sent: none of it is remembered. */
  sent(value: Out, plain: ReadonlySet<string> = none): string {
    return this.#any(value, plain.size === 0 ? this.#ofCaller : { ...this.#ofCaller, plain });
  }

  #any(value: Out, reading: Reading): string {
    if (value instanceof RawJson) return this.#raw(value, reading);
    if (value instanceof Secret) return this.#secret(value);
    return this.#plainValue(value, reading);
  }

  #plainValue(value: Exclude<Out, RawJson | Secret>, reading: Reading): string {
    if (value === null || value === undefined) return 'null';
    if (typeof value === 'string') return isTime(value) ? JSON.stringify(value) : reading.shown(value);
    if (typeof value !== 'object') return String(value);
    if (value instanceof JsonNumber) return value.source;
    if (value instanceof Date) return `"${isoTime(value.getTime())}"`;
    if (Array.isArray(value)) return `[${value.map(item => this.#any(item as Out, reading)).join(',')}]`;
    return this.#members(value as ReadonlyMap<string, Out> | { readonly [name: string]: Out }, reading);
  }

  #members(value: ReadonlyMap<string, Out> | { readonly [name: string]: Out }, reading: Reading): string {
    const isMap = value instanceof Map;
    let text = '';
    for (const name of isMap ? (value.keys() as Iterable<string>) : Object.keys(value)) {
      const member = isMap ? (value.get(name) as Out) : (value as { readonly [name: string]: Out })[name];
      if (member === undefined) continue;
      const shown = !this.#clear.all && reading.plain.has(name) ? readable(member) : this.#any(member, reading);
      text += `${text === '' ? '' : ','}${inert(name)}:${shown}`;
    }
    return `{${text}}`;
  }

  /** Bytes that are no text stay hashed everywhere. */
  #secret(value: Secret): string {
    const hashed = `"${this.hash(value.reveal())}"`;
    if (!this.#clear.all) return hashed;
    try {
      return inert(value.revealText());
    } catch {
      return hashed;
    }
  }

  #raw(value: RawJson, { plain }: Reading): string {
    if (plain.size > 0) return this.#plainValue(value.value(), { ...this.#ofCaller, plain });
    for (let known = value.made; known !== undefined; known = known.next) if (known.by === this) return known.text;
    const text = flat(this.#any(value.valueWithLong(), this.#ofCaller));
    value.made = { by: this, text, next: value.made };
    return text;
  }

  #word(text: string): string {
    if (text.length > wordLengthLimit) return this.hash(text);
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    if (this.#words.size >= wordsLimit) this.#words.clear();
    const made = flat(this.hash(text));
    this.#words.set(text, made);
    return made;
  }
}

/** JSON text with nothing hashed, for members a mount has declared readable. Secrets stay hidden all the same. */
const readable = (value: Out): string => {
  if (value instanceof RawJson) return value.text();
  if (value instanceof JsonNumber) return value.source;
  if (value instanceof Map) return readable(Object.fromEntries(value as ReadonlyMap<string, Out>));
  if (Array.isArray(value)) return `[${value.map(item => readable(item as Out)).join(',')}]`;
  if (value !== null && typeof value === 'object' && !(value instanceof Date) && !(value instanceof Secret)) {
    const members = Object.entries(value as { readonly [key: string]: Out }).filter(
      ([, member]) => member !== undefined,
    );
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${readable(member)}`).join(',')}}`;
  }
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
};

const shortestTime = 20;
const longestTime = 35;

/** RFC 3339, as clients write it: cheap checks first, since every string of an answer passes here. */
const isTime = (text: string): boolean =>
  text.length >= shortestTime &&
  text.length <= longestTime &&
  text.charCodeAt(4) === 0x2d &&
  text.charCodeAt(10) === 0x54 &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text);
