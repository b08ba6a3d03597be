/** Reads what `batch.ts` packed, front to back. The bytes are our own, never input: there is no error but a bug. */
export class Cursor {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  u32(): number {
    this.at += 4;
    return this.#bytes.readUInt32LE(this.at - 4);
  }

  f64(): number {
    this.at += 8;
    return this.#bytes.readDoubleLE(this.at - 8);
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  key(): Uint8Array {
    this.at += 2;
    return this.bytes(this.#bytes.readUInt16LE(this.at - 2));
  }

  text(): string {
    const length = this.#bytes.readUInt16LE(this.at);
    this.at += 2 + length;
    return this.#bytes.toString('utf8', this.at - length, this.at);
  }

  hex(length: number): string {
    this.at += length;
    return this.#bytes.toString('hex', this.at - length, this.at);
  }
}
