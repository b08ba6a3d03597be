/** Names with `*` in them, as roles bind them. */

/** `*` stands for any run of characters; compared piece by piece, so linear. */
export const globMatches = (glob: string, text: string): boolean => {
  const pieces = glob.split('*');
  if (pieces.length === 1) return glob === text;
  const first = pieces[0] ?? '';
  const last = pieces[pieces.length - 1] ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
};
