/** One-time pads over tokens, as clients undo them: bytes XORed, then base64 without padding. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Random } from '../../contracts/random.ts';
import { base62 } from '../base62.ts';

/** Longest token that is decoded. */
const textLimit = 1024;

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

export const makePad = (random: Random, length: number): string => base62(random, length);

const xor = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  if (left.length !== right.length) throw new CofferError('invalid_request', 'token and otp have different lengths');
  return left.map((byte, at) => byte ^ (right[at] ?? 0));
};

export const padText = (token: string, otp: string): string =>
  xor(utf8.encode(token), utf8.encode(otp)).toBase64({ omitPadding: true });

const unpad = (encoded: string, otp: string): string =>
  text.decode(xor(Uint8Array.fromBase64(encoded), utf8.encode(otp)));

/** The token again. */
export const decodeToken = (encoded: string, otp: string): string => {
  if (encoded === '') throw new CofferError('invalid_request', 'missing encoded_token');
  if (otp === '') throw new CofferError('invalid_request', 'missing otp');
  try {
    if (encoded.length + otp.length <= textLimit) return unpad(encoded, otp);
  } catch (error) {
    if (error instanceof CofferError) throw error;
  }
  throw new CofferError('invalid_request', 'encoded_token is not a token encoded with this otp');
};
