/** Base62, digits before capitals before small letters: what tokens, accessors and one-time pads are written in. */
import type { Random } from '../contracts/random.ts';

export const base62Letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const uniformCeiling = 248; // 4 × 62: bytes above would favour the first letters

/** Uniform text: bytes that would skew it are thrown away. */
export const base62 = (random: Random, length: number): string => {
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) if (byte < uniformCeiling) text += base62Letters[byte % 62];
  }
  return text.slice(0, length);
};
