/** Base64 for URLs without padding (RFC 4648 §5), as tokens are written. */
export const base64Url = { alphabet: 'base64url', omitPadding: true } as const;

/** Undefined where it is none. What is ignored of the last character is for the caller to judge. */
export const fromBase64Url = (text: string): Uint8Array | undefined => {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url', lastChunkHandling: 'loose' });
  } catch {
    return undefined;
  }
};
