/**
 * Memory for bytes that are gone soon, cut from larger pieces: making and clearing away a piece of their own costs more
 * than most of them are worth. Whoever kept such bytes would keep a whole piece; what is kept is copied.
 */
const pieceBytes = 65_536;
/** Longer ones get a piece of their own. */
const longestBytes = 16_384;

let piece = new Uint8Array(pieceBytes);
let used = 0;

/** Zeros. */
export const shortLived = (length: number): Uint8Array => {
  if (length > longestBytes) return new Uint8Array(length);
  if (used + length > pieceBytes) {
    piece = new Uint8Array(pieceBytes);
    used = 0;
  }
  const start = used;
  used += length;
  return piece.subarray(start, used);
};
