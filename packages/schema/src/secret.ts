/**
 * A secret value that does not print. It travels as bytes, shows itself as `[secret]` in every textual form
 * (template strings, JSON, `console.log`), and is revealed only on purpose.
 */
const shown = '[secret]';
const text = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Secret {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static of(value: string | Uint8Array): Secret {
    return new Secret(typeof value === 'string' ? text.encode(value) : value);
  }

  /** The bytes themselves, not a copy: the caller must not change them. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  /** The bytes as UTF-8 text. Throws `TypeError` where they are not UTF-8. */
  revealText(): string {
    return utf8.decode(this.#bytes);
  }

  get length(): number {
    return this.#bytes.length;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown;
  }
}
