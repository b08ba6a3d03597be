/** Patterns of event types and namespaces: `*` stands for any characters, also none, everything else for itself. */
export const patternLimit = 256;

/** Only the last star is ever tried again, so the work is bounded by the product of the two lengths. */
export const matchesGlob = (pattern: string, text: string): boolean => {
  let [at, from, star, retry] = [0, 0, -1, 0];
  while (from < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at++;
      retry = from;
    } else if (at < pattern.length && pattern[at] === text[from]) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++retry;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
};
