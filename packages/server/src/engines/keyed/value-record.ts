/**
 * Records that hold one JSON value as it came: a format byte, when it was written, the value's own bytes. Reading one
 * opens nothing: the answer is a window on the record. Numbers, escapes and spaces stay as the writer sent them.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { shortLived } from '@coffer/schema/short-lived.ts';
import type { Entry } from '../../contracts/engine.ts';

const format = 1;
const headerBytes = 9;

export interface ValueRecord {
  readonly createdMs: number;
  readonly json: RawJson;
  /** What its engine made of the value, kept as long as the value is. */
  made: unknown;
}

export const encodeValue = (createdMs: number, json: RawJson): Uint8Array => {
  const record = shortLived(headerBytes + json.bytes.length);
  record[0] = format;
  new DataView(record.buffer, record.byteOffset).setFloat64(1, createdMs);
  record.set(json.bytes, headerBytes);
  return record;
};

/** Decoded once while the record is cached. */
export const valueOf = (entry: Entry): ValueRecord => {
  if (entry.memo !== undefined) return entry.memo as ValueRecord;
  const { value } = entry;
  if (value[0] !== format || value.length <= headerBytes)
    throw new CofferError('data_corrupt', 'a stored value has a format that this server does not know');
  const createdMs = new DataView(value.buffer, value.byteOffset, headerBytes).getFloat64(1);
  const decoded: ValueRecord = { createdMs, json: new RawJson(value.subarray(headerBytes)), made: undefined };
  entry.memo = decoded;
  return decoded;
};

/** `{}`, with or without white space: the scanner has already checked that it is JSON. */
export const isEmptyObject = (json: RawJson): boolean => json.type === 'object' && json.members().size === 0;
