/**
 * JSON as values that lose nothing: numbers keep their source text (integers above 2^53 round-trip), objects are maps
 * (no prototype, member order kept), and `RawJson` keeps the original bytes of a value that was checked but not opened.
 */
export class JsonNumber {
  /** The number as it was written, a valid JSON number (RFC 8259 §6). */
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toNumber(): number {
    return Number(this.source);
  }
}

export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';
