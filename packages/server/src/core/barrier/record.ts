/**
 * The stored record, format 1. Owns its bytes and what they are bound to; promises that a record opens only where it was
 * written: same store, key, term and write, and not one bit changed.
 *
 *     format 1 ‖ term u32 ‖ write id 16 ‖ nonce 12 ‖ ciphertext ‖ tag 16          integers big-endian
 *     additional data: format ‖ store id 16 ‖ term ‖ write id ‖ key (UTF-8)       fixed widths first, so unambiguous
 *
 * Term 0 is the key that protects the keyring, or the root key itself. Write id and tag are readable without any key, so
 * that hashes over all records can be kept beside them.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AeadKey } from '../../platform/crypto/aead.ts';
import { keyBytesLimit } from '../../contracts/storage.ts';
import { nonceBytes, tagBytes } from '../../platform/crypto/aead.ts';

export const recordFormat = 1;
export const idBytes = 16;

const termAt = 1;
const writeIdAt = termAt + 4;
const nonceAt = writeIdAt + idBytes;
const bodyAt = nonceAt + nonceBytes;
export const recordOverheadBytes = bodyAt + tagBytes;

const utf8 = new TextEncoder();

/** Where a record belongs. */
export interface Place {
  readonly storeId: Uint8Array;
  readonly key: string;
}

export interface Sealing extends Place {
  readonly term: number;
  readonly writeId: Uint8Array;
  readonly nonce: Uint8Array;
  /** Where the record is laid down: as many bytes as it takes. Left out, it gets bytes of its own. */
  readonly target?: Uint8Array;
}

/** How long the record of a plaintext is. */
export const recordBytes = (plaintext: Uint8Array): number => recordOverheadBytes + plaintext.length;

const putTerm = (bytes: Uint8Array, at: number, term: number): void => {
  bytes[at] = term >>> 24;
  bytes[at + 1] = term >>> 16;
  bytes[at + 2] = term >>> 8;
  bytes[at + 3] = term;
};

/** Where additional data is put together; whoever uses it does so before the next call. */
const boundBytes = 1 + idBytes + 4 + idBytes;
const scratch = new Uint8Array(boundBytes + 3 * keyBytesLimit);

const bound = ({ storeId, term, writeId, key }: Omit<Sealing, 'nonce' | 'target'>): Uint8Array => {
  const fits = boundBytes + key.length * 3 <= scratch.length;
  const aad = fits ? scratch : new Uint8Array(boundBytes + key.length * 3);
  aad[0] = recordFormat;
  aad.set(storeId, 1);
  putTerm(aad, 1 + idBytes, term);
  aad.set(writeId, 1 + idBytes + 4);
  return aad.subarray(0, boundBytes + utf8.encodeInto(key, aad.subarray(boundBytes)).written);
};

export const sealRecord = (aead: AeadKey, sealing: Sealing, plaintext: Uint8Array): Uint8Array => {
  const record = sealing.target ?? new Uint8Array(recordBytes(plaintext));
  record[0] = recordFormat;
  putTerm(record, termAt, sealing.term);
  record.set(sealing.writeId, writeIdAt);
  record.set(sealing.nonce, nonceAt);
  aead.sealInto(record, bodyAt, { nonce: sealing.nonce, body: plaintext, aad: bound(sealing) });
  return record;
};

const corrupt = (key: string, what: string): CofferError =>
  new CofferError('data_corrupt', `The stored record ${JSON.stringify(key)} ${what}.`);

/** The term a record was sealed under. Throws `data_corrupt` where this is no whole record of a known format. */
export const termOf = (record: Uint8Array, key: string): number => {
  const format = record[0];
  if (format !== undefined && format !== recordFormat) {
    throw corrupt(key, `has format ${format}, which this version does not know: it was written by a newer one`);
  }
  if (record.length < recordOverheadBytes) {
    throw corrupt(key, `is truncated: ${record.length} bytes, at least ${recordOverheadBytes} expected`);
  }
  return new DataView(record.buffer, record.byteOffset, record.byteLength).getUint32(termAt);
};

/** The plaintext of a record that `termOf` accepted, or undefined where it is not authentic here. */
export const tryOpenRecord = (aead: AeadKey, place: Place, record: Uint8Array): Uint8Array | undefined =>
  aead.open({
    nonce: record.subarray(nonceAt, bodyAt),
    body: record.subarray(bodyAt),
    aad: bound({
      storeId: place.storeId,
      key: place.key,
      term: termOf(record, place.key),
      writeId: record.subarray(writeIdAt, nonceAt),
    }),
  });

export const openRecord = (aead: AeadKey, place: Place, record: Uint8Array): Uint8Array => {
  const plaintext = tryOpenRecord(aead, place, record);
  if (plaintext !== undefined) return plaintext;
  throw corrupt(place.key, 'is not authentic: changed, moved from another key, or from another store');
};

export const unknownTerm = (key: string, term: number): CofferError =>
  corrupt(key, `is encrypted under key term ${term}, which this keyring does not have`);

/** What identifies one writing of a record without opening it. */
export const markOf = (record: Uint8Array): { readonly writeId: Uint8Array; readonly tag: Uint8Array } => ({
  writeId: record.subarray(writeIdAt, nonceAt),
  tag: record.subarray(record.length - tagBytes),
});
