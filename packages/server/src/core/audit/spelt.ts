/** What a header says: it arrives as one character for each byte; people read, and hash, what the bytes spell. */
const utf8 = new TextDecoder();

export const spelt = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : utf8.decode(Uint8Array.from(value, character => character.charCodeAt(0)));
