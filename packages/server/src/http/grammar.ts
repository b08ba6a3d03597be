/**
 * The bytes of the narrow common grammar of HTTP/1.1 that the front parser reads itself (RFC 9110 §5.5, §5.6.2,
 * RFC 9112 §3): one table for each place, 1 where the byte may stand.
 */
export const CR = 0x0d;
export const LF = 0x0a;
export const SP = 0x20;
export const HT = 0x09;
export const colon = 0x3a;
export const slash = 0x2f;

const table = (allowed: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (allowed(byte) ? 1 : 0));

const alphanumeric = /[0-9A-Za-z]/;
const ascii = (byte: number, marks: string): boolean => {
  const character = String.fromCharCode(byte);
  return byte < 0x80 && (alphanumeric.test(character) || marks.includes(character));
};

/** tchar */
export const tokenBytes = table(byte => ascii(byte, "!#$%&'*+-.^_`|~"));
/** field-vchar, SP and HT; obs-text is let through as opaque bytes. */
export const fieldBytes = table(byte => byte === HT || (byte >= SP && byte !== 0x7f));
/** What may stand in a request target: visible ASCII. Which of it means something is for the canonicaliser to say. */
export const targetBytes = table(byte => byte > SP && byte < 0x7f);
/** reg-name, IPv6 literal and port, without user information. */
export const hostBytes = table(byte => ascii(byte, "-._~!$&'()*+,;=:[]%"));

/** The methods the front parser answers itself, found by length and first letter. */
const methods = ['GET', 'HEAD', 'LIST', 'SCAN', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const methodBySlot: readonly (string | undefined)[] = methods.reduce<(string | undefined)[]>(
  (slots, method) => {
    slots[slot(method.length, method.charCodeAt(0))] = method;
    return slots;
  },
  Array.from<string | undefined>({ length: 256 }),
);

function slot(length: number, first: number): number {
  return ((length & 7) << 5) | (first & 31);
}

/** The method written at `start`, or undefined where it is none of ours. */
export function knownMethod(bytes: Uint8Array, start: number, end: number): string | undefined {
  const method = methodBySlot[slot(end - start, bytes[start] ?? 0)];
  if (method === undefined || method.length !== end - start) return undefined;
  for (let index = 0; index < method.length; index++) {
    if (bytes[start + index] !== method.charCodeAt(index)) return undefined;
  }
  return method;
}

/** Whether `lowerText` stands at `start`, in either case. `lowerText` holds only lower-case letters, digits, `-`, `.`, `/`. */
export function sameText(bytes: Uint8Array, start: number, lowerText: string): boolean {
  for (let index = 0; index < lowerText.length; index++) {
    const byte = bytes[start + index] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== lowerText.charCodeAt(index)) return false;
  }
  return true;
}
