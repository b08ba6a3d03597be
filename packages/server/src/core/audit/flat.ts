/**
 * The same text in one piece. A text put together from others is kept as a tree of them, which is walked through each
 * time it goes out; what is remembered and goes out with every record is laid out once.
 */
const scratch = new Uint8Array(16_384);
const utf8BytesPerUnit = 3;
const bytes = new TextEncoder();
const text = new TextDecoder();

export const flat = (made: string): string => {
  if (made.length * utf8BytesPerUnit > scratch.length) return text.decode(bytes.encode(made));
  return text.decode(scratch.subarray(0, bytes.encodeInto(made, scratch).written));
};
