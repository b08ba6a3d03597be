/** A JSON value as the bytes it came in: checked once by the scanner, opened only when somebody asks. */
import { Secret } from '../secret.ts';
import { parseChecked, parseWithLong, splitMembers, type WithLong } from './parse.ts';
import type { Json, JsonType } from './value.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const ascii = new TextEncoder();
const typeByFirstByte: { readonly [byte: number]: JsonType } = Object.assign(Object.create(null), {
  0x7b: 'object',
  0x5b: 'array',
  0x22: 'string',
  0x74: 'boolean',
  0x66: 'boolean',
  0x6e: 'null',
});

/** What somebody made of a value, and what others made of it. */
export interface Made {
  readonly by: object;
  readonly text: string;
  readonly next: Made | undefined;
}

/** What stands around a value that is part of another one: ASCII, the text of the other one without it. */
export interface JsonFrame {
  readonly before: string;
  readonly after: string;
}

export class RawJson {
  readonly #inner: Uint8Array;
  /** Set where this is more than `inner`. */
  readonly frame: JsonFrame | undefined;
  /** Texts that few makers, such as audit devices, made of the value and keep for as long as it is kept. */
  made: Made | undefined = undefined;

  /** Only for bytes the scanner has checked (`scan.ts`), or that this process wrote as JSON itself. */
  constructor(checked: Uint8Array, frame?: JsonFrame) {
    this.#inner = checked;
    this.frame = frame;
  }

  /** UTF-8 text of exactly one JSON value, without white space around it. Must not be changed. Joined anew where it has a frame. */
  get bytes(): Uint8Array {
    const { frame } = this;
    return frame === undefined ? this.#inner : joined(frame, this.#inner);
  }

  /** The same without the frame. */
  get inner(): Uint8Array {
    return this.#inner;
  }

  get type(): JsonType {
    const first = this.frame === undefined ? this.#inner[0] : this.frame.before.charCodeAt(0);
    return typeByFirstByte[first ?? 0] ?? 'number';
  }

  text(): string {
    return utf8.decode(this.bytes);
  }

  value(): Json {
    return parseChecked(this.bytes);
  }

  /** The same, but long texts stay the bytes they came in where these can be taken as they are. */
  valueWithLong(): WithLong<Secret> {
    return parseWithLong(this.bytes, Secret.of);
  }

  /** The members of an object, each still raw. Throws `TypeError` where this is no object. */
  members(): ReadonlyMap<string, RawJson> {
    return splitMembers(this.bytes, slice => new RawJson(slice));
  }
}

const joined = ({ before, after }: JsonFrame, inner: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(before.length + inner.length + after.length);
  ascii.encodeInto(before, whole);
  whole.set(inner, before.length);
  ascii.encodeInto(after, whole.subarray(before.length + inner.length));
  return whole;
};
