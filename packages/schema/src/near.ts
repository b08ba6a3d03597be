/**
 * What a mistyped word may have meant: the nearest names within a few edits, or none. Only names of nearly its length are
 * compared, so that no word costs more than the names are long.
 */
const suggestionsLimit = 3;

/** A letter more or less, another letter, two letters swapped: each is one. Short words are near to too much. */
const editsLimit = (length: number): number => (length < 2 ? 0 : length < 5 ? 1 : 2);

/** Edits from one word to the other, adjacent letters swapped at most once (optimal string alignment). */
const edits = (from: string, to: string): number => {
  let beforeLast: readonly number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        row > 1 && column > 1 && isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = next;
  }
  return last[to.length] ?? 0;
};

/** The nearest of `names`, in their order. */
export const near = (typed: string, names: Iterable<string>): readonly string[] => {
  const word = typed.toLowerCase();
  let least = editsLimit(word.length);
  let found: string[] = [];
  for (const name of new Set(names)) {
    if (Math.abs(name.length - word.length) > least) continue;
    const distance = edits(word, name);
    if (distance > least) continue;
    if (distance < least) found = [];
    least = distance;
    found.push(name);
  }
  return found.slice(0, suggestionsLimit);
};

/** `Did you mean "a" or "b"?`, with a space before it; nothing where nothing is near. */
export const didYouMean = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` Did you mean ${names.map(name => `"${name}"`).join(' or ')}?`;
