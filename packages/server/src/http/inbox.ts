/**
 * The bytes a connection received and nothing has consumed yet. A chunk that arrives into an empty inbox is adopted as
 * it is, and has no room behind it, so the next one moves both to a buffer of our own. Bytes once received are never
 * overwritten: heads of earlier requests still point at them.
 */
const smallestBytes = 4096;

export class Inbox {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  append(chunk: Buffer): void {
    if (this.start === this.end) {
      this.bytes = chunk;
      this.start = 0;
      this.end = chunk.length;
      return;
    }
    if (this.end + chunk.length > this.bytes.length) this.#grow(this.length + chunk.length);
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
  }

  consume(count: number): void {
    this.start += count;
  }

  /** Everything there is; the inbox is empty afterwards. */
  take(): Buffer {
    const taken = this.bytes.subarray(this.start, this.end);
    this.start = this.end;
    return taken;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(smallestBytes, needed * 2));
    const held = this.length;
    this.bytes.copy(larger, 0, this.start, this.end);
    this.bytes = larger;
    this.start = 0;
    this.end = held;
  }
}
