/** The known word most like a mistyped one. */
const lengthLimit = 64;
const distanceLimit = 3;

/** Letters to change, add or leave out (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** `mostAway`: how many letters may differ. */
export const nearest = (
  word: string,
  known: readonly string[],
  mostAway = Math.min(distanceLimit, word.length / 2),
): string | undefined => {
  if (word.length > lengthLimit) return undefined;
  const all = known.map(one => ({ one, away: distance(word, one) }));
  const [best] = all.toSorted((a, b) => a.away - b.away);
  return best !== undefined && best.away <= mostAway ? best.one : undefined;
};
