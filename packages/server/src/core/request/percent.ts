/**
 * Percent-decoding of a request target: once, over bytes, to UTF-8 text that was really UTF-8.
 */
import { CofferError } from '@coffer/schema/errors.ts';

/** A byte order mark is kept, so that it can be refused like every character that does not print. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const percent = 0x25;

const malformed = (message: string): CofferError => new CofferError('malformed_target', message);

/** Decodes text of one character per byte into Unicode text, exactly once. Throws `malformed_target`. */
export function decodeOnce(raw: string): string {
  const bytes = new Uint8Array(raw.length);
  let length = 0;
  for (let index = 0; index < raw.length; index++) {
    let byte = raw.charCodeAt(index);
    if (byte > 0xff) throw malformed('the request target contains a byte that is not allowed');
    if (byte === percent) {
      byte = (hexDigit(raw.charCodeAt(index + 1)) << 4) | hexDigit(raw.charCodeAt(index + 2));
      if (byte < 0) throw malformed('the request target has a percent sign that does not start an encoded byte');
      index += 2;
    }
    bytes[length++] = byte;
  }
  return decodeUtf8(bytes.subarray(0, length));
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('the request target is not UTF-8 once decoded');
  }
}

/** Anything but a digit, the end included, is -1: all bits set, so it survives the shift and the or. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
