/** Base64 of `data` (RFC 4648 §4): the alphabet with its padding; line breaks are let through, as the API server does. */

const form = /^[A-Za-z0-9+/]*={0,2}$/;

/** `undefined` where it is not base64. */
export const fromBase64 = (given: string): Uint8Array | undefined => {
  const text = given.replace(/[\r\n]/g, '');
  if (text.length % 4 !== 0 || !form.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: 'loose' });
  } catch {
    return undefined;
  }
};

export const toBase64 = (bytes: Uint8Array): string => bytes.toBase64();

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes as text where that loses nothing. */
export const asText = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};
