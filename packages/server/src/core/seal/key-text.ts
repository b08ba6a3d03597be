/** Shares of a key as people and clients hand them about: hex or standard base64. */
import { CofferError } from '@coffer/schema/errors.ts';

/** Other lengths cannot be a share of any key; shorter ones down to this are taken and found wrong with the others. */
const leastBytes = 16;
const mostBytes = 33;
/** Of the longer of the two forms, with some white space. */
const textLimit = 128;

const hexPattern = /^(?:[0-9a-fA-F]{2})+$/;

const decode = (text: string): Uint8Array | undefined => {
  if (hexPattern.test(text)) return Uint8Array.fromHex(text);
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
};

export const parseKey = (text: string): Uint8Array => {
  const bytes = text.length > textLimit ? undefined : decode(text.trim());
  if (bytes === undefined) throw new CofferError('invalid_request', "'key' must be a valid hex or base64 string");
  if (bytes.length < leastBytes) {
    throw new CofferError('invalid_request', `'key' is shorter than minimum ${leastBytes} bytes`);
  }
  if (bytes.length > mostBytes) {
    throw new CofferError('invalid_request', `'key' is longer than maximum ${mostBytes} bytes`);
  }
  return bytes;
};

/** Both forms, as answers carry them. */
export interface KeyTexts {
  readonly keys: readonly string[];
  readonly keysBase64: readonly string[];
}

export const keyTexts = (shares: readonly Uint8Array[]): KeyTexts => ({
  keys: shares.map(share => share.toHex()),
  keysBase64: shares.map(share => share.toBase64()),
});
