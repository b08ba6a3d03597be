/**
 * Keys as every storage takes them: well-formed text of 1 to 1,024 UTF-8 bytes, ordered by those bytes.
 * Strings compare by UTF-16 code units, which puts characters above U+FFFF before U+E000 to U+FFFF; `orderOf` maps a key
 * to a string whose code units compare as the key's bytes do.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { keyBytesLimit } from '../../contracts/storage.ts';

const swapped = /[\ud800-\uffff]/;
const surrogatesFrom = 0xd800;
const privateFrom = 0xe000;
const unitsEnd = 0x10000;
const surrogates = privateFrom - surrogatesFrom;
const others = unitsEnd - privateFrom;

const mapUnits = (text: string, map: (unit: number) => number): string => {
  let mapped = '';
  for (let i = 0; i < text.length; i++) mapped += String.fromCharCode(map(text.charCodeAt(i)));
  return mapped;
};

const up = (unit: number): number => {
  if (unit < surrogatesFrom) return unit;
  return unit < privateFrom ? unit + others : unit - surrogates;
};
const down = (unit: number): number => {
  if (unit < surrogatesFrom) return unit;
  return unit < surrogatesFrom + others ? unit + surrogates : unit - others;
};

/** Compares as the UTF-8 bytes of the key; the key itself for nearly all keys. */
export const orderOf = (key: string): string => (swapped.test(key) ? mapUnits(key, up) : key);
/** The key whose order this is. */
export const keyOf = (order: string): string => (swapped.test(order) ? mapUnits(order, down) : order);

const fits = (text: string): boolean =>
  text.length * 3 <= keyBytesLimit || (text.length <= keyBytesLimit && Buffer.byteLength(text) <= keyBytesLimit);

/** Also for prefixes and `after`, which may be empty. */
export const checkText = (text: string, what: string): void => {
  if (!text.isWellFormed()) throw new CofferError('invalid_request', `A ${what} of the store is not well-formed text.`);
  if (!fits(text)) {
    throw new CofferError('invalid_request', `A ${what} of the store is longer than ${keyBytesLimit} bytes.`);
  }
};

export const checkKey = (key: string): void => {
  if (key === '') throw new CofferError('invalid_request', 'A key of the store is empty.');
  checkText(key, 'key');
};
