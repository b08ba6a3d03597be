/**
 * Makes values fit for an audit record: every string inside becomes `hmac-sha256:<hex>` under the device's salt; numbers,
 * booleans, member names and RFC 3339 times stay readable, and so do members the mount names as not hashed.
 */
import type { Out } from '@coffer/schema/out.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { HmacKey } from '../../platform/crypto/hash.ts';

const none: ReadonlySet<string> = new Set();

export class AuditHasher {
  readonly #key: HmacKey;
  /** Hashed text of values that are cached elsewhere; goes when they go. */
  readonly #known = new WeakMap<RawJson, string>();

  constructor(key: HmacKey) {
    this.#key = key;
  }

  hash(text: string | Uint8Array): string {
    return `hmac-sha256:${this.#key.hex(text)}`;
  }

  /** JSON text of the value with its strings hashed. `plain` names members that are left readable with all below them. */
  json(value: Out, plain: ReadonlySet<string> = none): string {
    if (value instanceof RawJson) return this.#raw(value, plain);
    if (value instanceof Secret) return `"${this.hash(value.reveal())}"`;
    return this.#plainValue(value, plain);
  }

  #plainValue(value: Exclude<Out, RawJson | Secret>, plain: ReadonlySet<string>): string {
    if (value === null || value === undefined) return 'null';
    if (typeof value === 'string') return isTime(value) ? JSON.stringify(value) : `"${this.hash(value)}"`;
    if (typeof value !== 'object') return String(value);
    if (value instanceof JsonNumber) return value.source;
    if (value instanceof Date) return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(item => this.json(item as Out, plain)).join(',')}]`;
    const members = value instanceof Map ? value.entries() : Object.entries(value as { readonly [key: string]: Out });
    const parts: string[] = [];
    for (const [name, member] of members as Iterable<[string, Out]>) {
      if (member === undefined) continue;
      parts.push(`${JSON.stringify(name)}:${plain.has(name) ? readable(member) : this.json(member, plain)}`);
    }
    return `{${parts.join(',')}}`;
  }

  #raw(value: RawJson, plain: ReadonlySet<string>): string {
    if (plain.size > 0) return this.#plainValue(value.value(), plain);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const text = this.#plainValue(value.value(), none);
    this.#known.set(value, text);
    return text;
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
