/**
 * The root key as it lies in the store: wrapped, by the unseal key that people hold in shares, or by a seal that opens by
 * itself. It is made anew with every rekey, so that old shares and an old copy of the store do not open a new one.
 *
 *     shares:    a record of format 1 under the unseal key (barrier/record.ts, term 0)
 *     auto seal: format 1 ‖ length of key id u8 ‖ key id (UTF-8) ‖ what the seal made
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AutoSeal } from '../../contracts/seal.ts';
import type { Storage, Stored, Write } from '../../contracts/storage.ts';
import { AeadKey, assertLive } from '../../platform/crypto/aead.ts';
import type { RootPlace } from '../barrier/barrier.ts';
import { rootTerm } from '../barrier/key-holder.ts';
import { sealRecord, termOf, tryOpenRecord } from '../barrier/record.ts';

export const rootKey = '1/-/seal/root';
const wrappedFormat = 1;
const keyIdBytesLimit = 255;

const utf8 = new TextEncoder();
const text = new TextDecoder();

const damaged = (): CofferError => new CofferError('data_corrupt', `The record "${rootKey}" is damaged.`);

export const readRoot = async (storage: Storage): Promise<Stored> => {
  const stored = await storage.get(rootKey);
  if (stored === undefined) throw new CofferError('data_corrupt', `The record "${rootKey}" is missing.`);
  return stored;
};

export interface Wrapping extends RootPlace {
  readonly nonce: Uint8Array;
  readonly unsealKey: Uint8Array;
}

export const wrapByShares = (root: Uint8Array, { unsealKey, ...place }: Wrapping): Write => {
  assertLive(unsealKey);
  assertLive(root);
  const value = sealRecord(new AeadKey(unsealKey), { ...place, key: rootKey, term: rootTerm }, root);
  return { key: rootKey, value };
};

/** Undefined where this is not the key that wrapped it. */
export const unwrapByShares = (unsealKey: Uint8Array, storeId: Uint8Array, wrapped: Uint8Array) => {
  if (termOf(wrapped, rootKey) !== rootTerm) throw damaged();
  return tryOpenRecord(new AeadKey(unsealKey), { storeId, key: rootKey }, wrapped);
};

const context = (storeId: Uint8Array): Uint8Array => utf8.encode(`coffer root key ${storeId.toHex()}`);

export const wrapBySeal = async (root: Uint8Array, auto: AutoSeal, storeId: Uint8Array): Promise<Write> => {
  assertLive(root);
  const { keyId, ciphertext } = await auto.wrap(root, context(storeId));
  const id = utf8.encode(keyId);
  if (id.length > keyIdBytesLimit) throw new CofferError('invalid_request', 'The id of the seal’s key is too long.');
  const value = new Uint8Array(2 + id.length + ciphertext.length);
  value[0] = wrappedFormat;
  value[1] = id.length;
  value.set(id, 2);
  value.set(ciphertext, 2 + id.length);
  return { key: rootKey, value };
};

/** `current`: wrapped by the key the seal uses now. */
export interface Unwrapped {
  readonly root: Uint8Array;
  readonly current: boolean;
}

export const unwrapBySeal = async (auto: AutoSeal, storeId: Uint8Array, wrapped: Uint8Array): Promise<Unwrapped> => {
  const end = 2 + (wrapped[1] ?? 0);
  if (wrapped[0] !== wrappedFormat || wrapped.length < end) throw damaged();
  const keyId = text.decode(wrapped.subarray(2, end));
  const root = await auto.unwrap({ keyId, ciphertext: wrapped.subarray(end) }, context(storeId));
  return { root, current: keyId === auto.keyId() };
};
