/**
 * The bytes of a copy of all records, as `contracts/storage.ts` lays them down: written, and read piece by piece. What is
 * read is not trusted: keys must be well formed and ascend, lengths keep the bounds of the storage.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { keyBytesLimit, valueBytesLimit } from '../../contracts/storage.ts';

const keyLengthBytes = 2;
const valueLengthBytes = 4;
const firstBytes = 131_072;

export interface CopyRecord {
  /** Both are good until the next push. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What stands before a value. */
export const copyHead = (key: Uint8Array, valueBytes: number): Buffer => {
  const head = Buffer.allocUnsafe(keyLengthBytes + key.length + valueLengthBytes);
  head.writeUInt16BE(key.length, 0);
  head.set(key, keyLengthBytes);
  head.writeUInt32BE(valueBytes, keyLengthBytes + key.length);
  return head;
};

const damaged = (what: string): CofferError => new CofferError('data_corrupt', `the snapshot is damaged: ${what}`);

/** Reads a copy as it comes. Holds one record at most. */
export class CopyParser {
  #held = Buffer.allocUnsafe(firstBytes);
  #start = 0;
  #end = 0;
  #last: Buffer = Buffer.alloc(0);
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  records = 0;

  /** The records that are whole with these bytes. Throws `data_corrupt`. */
  *push(bytes: Uint8Array): Iterable<CopyRecord> {
    this.#append(bytes);
    for (let record = this.#next(); record !== undefined; record = this.#next()) yield record;
  }

  /** Throws `data_corrupt` where it ends within a record, or there is none. */
  finish(): void {
    if (this.#start !== this.#end) throw damaged('it ends within a record');
    if (this.records === 0) throw damaged('it holds no records');
  }

  #append(bytes: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + bytes.length > this.#held.length) {
      const fits = held + bytes.length <= this.#held.length;
      const target = fits ? this.#held : Buffer.allocUnsafe(2 * (held + bytes.length));
      this.#held.copy(target, 0, this.#start, this.#end);
      this.#held = target;
      this.#start = 0;
      this.#end = held;
    }
    this.#held.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #next(): CopyRecord | undefined {
    const available = this.#end - this.#start;
    if (available < keyLengthBytes) return undefined;
    const keyLength = this.#held.readUInt16BE(this.#start);
    if (keyLength === 0 || keyLength > keyBytesLimit) throw damaged('the length of a key is not possible');
    const headBytes = keyLengthBytes + keyLength + valueLengthBytes;
    if (available < headBytes) return undefined;
    const valueLength = this.#held.readUInt32BE(this.#start + keyLengthBytes + keyLength);
    if (valueLength > valueBytesLimit) throw damaged('the length of a value is not possible');
    if (available < headBytes + valueLength) return undefined;
    const keyAt = this.#start + keyLengthBytes;
    const key = this.#held.subarray(keyAt, keyAt + keyLength);
    this.#check(key);
    const valueAt = this.#start + headBytes;
    this.#start = valueAt + valueLength;
    this.records++;
    return { key, value: this.#held.subarray(valueAt, this.#start) };
  }

  #check(key: Buffer): void {
    if (Buffer.compare(key, this.#last) <= 0) throw damaged('its keys are not in order');
    this.#last = Buffer.from(key);
    try {
      this.#text.decode(key);
    } catch {
      throw damaged('a key is not text');
    }
  }
}
