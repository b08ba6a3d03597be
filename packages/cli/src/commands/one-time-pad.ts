/** The pad under which a new root token travels: as long as the token, used once, base62 so that it can be typed. */
import { CofferError } from '@coffer/schema/errors.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Bytes from here up would favour some letters. */
const evenLimit = 256 - (256 % alphabet.length);
const lengthLimit = 1024;
const drawLimit = 100_000;

export const makePad = (random: (length: number) => Uint8Array, length: number): string => {
  if (length < 1 || length > lengthLimit)
    throw new CofferError('usage', 'the server did not say how long the pad must be');
  let pad = '';
  for (let drawn = 0; pad.length < length && drawn < drawLimit; drawn += 1) {
    const byte = random(1)[0] ?? 0;
    if (byte < evenLimit) pad += alphabet.charAt(byte % alphabet.length);
  }
  return pad;
};

const decodeBase64 = (encoded: string): string => {
  try {
    return atob(encoded);
  } catch (cause) {
    throw new CofferError('usage', 'Encoded Token: not base64', { cause });
  }
};

/** The encoded token is base64 of token XOR pad, byte by byte. */
export const decodeToken = (encoded: string, pad: string): string => {
  const bytes = decodeBase64(encoded);
  if (bytes.length !== pad.length) {
    throw new CofferError(
      'usage',
      'the one-time pad and the encoded token differ in length: they do not belong together',
    );
  }
  let token = '';
  for (let at = 0; at < bytes.length; at += 1) token += String.fromCharCode(bytes.charCodeAt(at) ^ pad.charCodeAt(at));
  return token;
};
