/**
 * Values as PostgreSQL's binary format has them, and its messages cut out of a stream. The driver reads every column as
 * text, which would turn each stored byte into two hex digits and back: rows are taken here, all else is passed on to it.
 */
import { messageBytesLimit } from './bounds.ts';

export type Column = Buffer | null;
export type Row = readonly Column[];

const byteaOid = 17;
const int8Oid = 20;
const arrayHeadBytes = 20;

const arrayHead = (into: Buffer, oid: number, length: number): number => {
  into.writeInt32BE(1, 0);
  into.writeInt32BE(0, 4);
  into.writeInt32BE(oid, 8);
  into.writeInt32BE(length, 12);
  return into.writeInt32BE(1, 16);
};

const emptyArray = (oid: number): Buffer => {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(oid, 8);
  return bytes;
};

export const bytesArray = (values: readonly Uint8Array[]): Buffer => {
  if (values.length === 0) return emptyArray(byteaOid);
  let total = arrayHeadBytes;
  for (const value of values) total += 4 + value.length;
  const bytes = Buffer.allocUnsafe(total);
  let at = arrayHead(bytes, byteaOid, values.length);
  for (const value of values) {
    at = bytes.writeInt32BE(value.length, at);
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
};

export const int8 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

export const int8Array = (values: readonly number[]): Buffer => {
  if (values.length === 0) return emptyArray(int8Oid);
  const bytes = Buffer.allocUnsafe(arrayHeadBytes + 12 * values.length);
  let at = arrayHead(bytes, int8Oid, values.length);
  for (const value of values) {
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeBigInt64BE(BigInt(value), at);
  }
  return bytes;
};

export const textOf = (column: Column | undefined): string => column?.toString('utf8') ?? '';
/** Of an int8; 0 where there is none. */
export const numberOf = (column: Column | undefined): number =>
  column === null || column === undefined ? 0 : Number(column.readBigInt64BE(0));
/** Memory of its own, so that a short value does not keep alive all that came with it. */
export const valueOf = (column: Column | undefined): Uint8Array =>
  column === null || column === undefined ? new Uint8Array(0) : new Uint8Array(column);

const dataRow = 0x44;
const headBytes = 5;

const rowOf = (message: Buffer): Row => {
  const row: Column[] = [];
  let at = headBytes + 2;
  for (let left = message.readInt16BE(headBytes); left > 0; left--) {
    const length = message.readInt32BE(at);
    at += 4;
    row.push(length < 0 ? null : message.subarray(at, at + Math.max(0, length)));
    at += Math.max(0, length);
  }
  return row;
};

export interface Heard {
  row(row: Row): void;
  other(message: Buffer): void;
}

/** Throws `RangeError` for what no server of PostgreSQL sends. */
export class Messages {
  readonly #heard: Heard;
  #pieces: Buffer[] = [];
  #held = 0;
  #needed = headBytes;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
    if (this.#held < this.#needed) return;
    const bytes = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces, this.#held);
    const rest = bytes.subarray(this.#take(bytes));
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
  }

  /** Answers how far whole messages go. */
  #take(bytes: Buffer): number {
    let at = 0;
    for (;;) {
      this.#needed = headBytes;
      if (bytes.length - at < headBytes) return at;
      const length = bytes.readUInt32BE(at + 1);
      if (length < 4 || length > messageBytesLimit) throw new RangeError('not a message of PostgreSQL');
      this.#needed = length + 1;
      if (bytes.length - at < this.#needed) return at;
      const message = bytes.subarray(at, at + this.#needed);
      if (message[0] === dataRow) this.#heard.row(rowOf(message));
      else this.#heard.other(message);
      at += this.#needed;
    }
  }
}
