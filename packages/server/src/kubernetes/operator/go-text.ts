/**
 * Hashes of values as the text that Go prints for them with `%+v`: names in byte order, bytes as decimal numbers. Tools
 * around External Secrets Operator read and compare them, so they have to be the same to the letter.
 */
import { sha3Hex224 } from '../../platform/crypto/hash.ts';

const text = new TextEncoder();

/** Byte order of UTF-8, which is what Go sorts by. */
const byBytes = (a: string, b: string): number => {
  const [left, right] = [text.encode(a), text.encode(b)];
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

const mapText = <V>(map: ReadonlyMap<string, V>, shown: (value: V) => string): string =>
  `map[${[...map.keys()]
    .toSorted(byBytes)
    .map(key => `${key}:${shown(map.get(key) as V)}`)
    .join(' ')}]`;

/** Hex SHA3-224 of a `map[string][]byte`. */
export const dataHash = (data: ReadonlyMap<string, Uint8Array>): string =>
  sha3Hex224(mapText(data, bytes => `[${bytes.join(' ')}]`));

/** Hex SHA3-224 of a string. */
export const textHash = (value: string): string => sha3Hex224(value);

type Texts = { readonly [name: string]: string } | undefined;

const textsText = (texts: Texts): string => mapText(new Map(Object.entries(texts ?? {})), value => value);

/** Hex SHA3-224 of the labels and annotations of an object, in the order in which they are declared there. */
export const metadataHash = (meta: { readonly annotations?: Texts; readonly labels?: Texts }): string =>
  sha3Hex224(`{annotations:${textsText(meta.annotations)} labels:${textsText(meta.labels)}}`);
