/**
 * Commits packed into one buffer for the writer thread: one message for a batch, no object for a commit.
 *
 *   commit  u32 length of entry, entry, u32 checks, check…, value…      numbers little-endian
 *   entry   16 bytes id, u32 writes, key…, u32 events, event…           what the change log keeps of a commit
 *   key     u16 length, bytes        check  key, f64 expected revision (-1 absent, -2 present)
 *   value   u32 length, bytes (length `removed`: none)     event  key as its type, u32 length, payload
 */
import type { Check, Commit } from '../../contracts/storage.ts';

export const removed = 0xffff_ffff;
export const expectAbsent = -1;
export const expectPresent = -2;
export const idBytes = 16;

/** Bytes of a fresh buffer. */
const initialBytes = 65_536;
/** A buffer grown beyond this is not used again. */
const recycledBytesLimit = 4_194_304;

/** Most bytes a commit takes: a UTF-16 unit takes up to three as UTF-8. */
const packedBytesLimit = (commit: Commit, valueBytes: number): number => {
  let bytes = valueBytes + 32 + idBytes;
  for (const { key } of commit.writes) bytes += key.length * 3 + 6;
  for (const { key } of commit.checks ?? []) bytes += key.length * 3 + 10;
  for (const { type } of commit.events ?? []) bytes += type.length * 3 + 6;
  return bytes;
};

const expected = ({ expect }: Check): number => {
  if (expect === 'absent') return expectAbsent;
  return expect === 'present' ? expectPresent : expect;
};

export class BatchBuffer {
  #bytes: Buffer;
  #at = 0;

  constructor(recycled?: ArrayBuffer) {
    const usable = recycled !== undefined && recycled.byteLength <= recycledBytesLimit;
    this.#bytes = usable ? Buffer.from(recycled) : Buffer.from(new ArrayBuffer(initialBytes));
  }

  get length(): number {
    return this.#at;
  }

  /** The whole buffer, to be transferred; only its first `length` bytes mean something. */
  get buffer(): ArrayBuffer {
    return this.#bytes.buffer as ArrayBuffer;
  }

  /** `valueBytes`: bytes of all values and payloads of the commit. */
  add(commit: Commit, valueBytes: number): void {
    this.#reserve(packedBytesLimit(commit, valueBytes));
    const start = this.#at;
    this.#at += 4;
    this.#entry(commit);
    this.#bytes.writeUInt32LE(this.#at - start - 4, start);
    this.#u32(commit.checks?.length ?? 0);
    for (const check of commit.checks ?? []) {
      this.#text(check.key);
      this.#at = this.#bytes.writeDoubleLE(expected(check), this.#at);
    }
    for (const { value } of commit.writes) {
      if (value === undefined) this.#u32(removed);
      else this.#blob(value);
    }
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.from(new ArrayBuffer(Math.max(this.#bytes.length * 2, this.#at + bytes)));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }

  #entry(commit: Commit): void {
    this.#at += this.#bytes.write(commit.id, this.#at, idBytes, 'hex');
    this.#u32(commit.writes.length);
    for (const { key } of commit.writes) this.#text(key);
    this.#u32(commit.events?.length ?? 0);
    for (const { type, payload } of commit.events ?? []) {
      this.#text(type);
      this.#blob(payload);
    }
  }

  #u32(value: number): void {
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  #text(text: string): void {
    const written = this.#bytes.write(text, this.#at + 2, 'utf8');
    this.#bytes.writeUInt16LE(written, this.#at);
    this.#at += written + 2;
  }

  #blob(value: Uint8Array): void {
    this.#u32(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }
}
