/** Sets of runes: ranges, the named ones of Perl and POSIX, Unicode's, and upper and lower case taken for the same. */

export type Accepts = (code: number) => boolean;

export const range =
  (first: number, last: number): Accepts =>
  code =>
    code >= first && code <= last;

export const either =
  (sets: readonly Accepts[]): Accepts =>
  code =>
    sets.some(accepts => accepts(code));

export const inverted =
  (accepts: Accepts): Accepts =>
  code =>
    !accepts(code);

const ofAscii = (pattern: RegExp): Accepts => {
  const found = Array.from({ length: 128 }, (_, code) => pattern.test(String.fromCharCode(code)));
  return code => found[code] === true;
};

export const isWord = ofAscii(/\w/);

/** Behind a backslash; the capital is what is not in it. */
export const perlClasses: ReadonlyMap<string, Accepts> = new Map([
  ['d', ofAscii(/\d/)],
  ['w', isWord],
  ['s', ofAscii(/[\t\n\f\r ]/)],
]);

/** Between `[:` and `:]`. */
export const posixClasses: ReadonlyMap<string, Accepts> = new Map([
  ['alnum', ofAscii(/[0-9A-Za-z]/)],
  ['alpha', ofAscii(/[A-Za-z]/)],
  ['ascii', range(0, 127)],
  ['blank', ofAscii(/[\t ]/)],
  ['cntrl', either([range(0, 31), range(127, 127)])],
  ['digit', ofAscii(/\d/)],
  ['graph', range(33, 126)],
  ['lower', ofAscii(/[a-z]/)],
  ['print', range(32, 126)],
  ['punct', ofAscii(/[!-/:-@[-`{-~]/)],
  ['space', ofAscii(/[\t\n\v\f\r ]/)],
  ['upper', ofAscii(/[A-Z]/)],
  ['word', isWord],
  ['xdigit', ofAscii(/[0-9A-Fa-f]/)],
]);

/** A category or script by its name in Unicode; undefined where there is none. */
export const unicodeClass = (name: string): Accepts | undefined => {
  if (name === 'Any') return () => true;
  const pattern = patternOf(name);
  return pattern === undefined ? undefined : code => pattern.test(String.fromCodePoint(code));
};

const patternOf = (name: string): RegExp | undefined => {
  if (!/^\w{1,40}$/.test(name)) return undefined;
  for (const property of [`General_Category=${name}`, `Script=${name}`]) {
    try {
      return new RegExp(`^\\p{${property}}$`, 'u');
    } catch {
      // No such name: the next kind is looked at.
    }
  }
  return undefined;
};

/** Letters beyond the pairs: signs that are letters of other names. */
const orbits = [
  'kK\u212a',
  'sS\u017f',
  '\u00e5\u00c5\u212b',
  '\u00b5\u03bc\u039c',
  '\u03c9\u03a9\u2126',
  '\u00df\u1e9e',
];
const extra: ReadonlyMap<string, string> = new Map(
  orbits.flatMap(orbit => Array.from(orbit, letter => [letter, orbit] as const)),
);

/** Runes whose cases are remembered: finding them is slow, and texts repeat theirs. */
const casesLimit = 4096;
const knownCases = new Map<number, readonly number[]>();

/** The rune in all its cases. */
export const casesOf = (code: number): readonly number[] => {
  const known = knownCases.get(code);
  if (known !== undefined) return known;
  const cases = findCases(code);
  if (knownCases.size >= casesLimit) knownCases.clear();
  knownCases.set(code, cases);
  return cases;
};

const findCases = (code: number): readonly number[] => {
  const letter = String.fromCodePoint(code);
  const forms = [letter, letter.toLowerCase(), letter.toUpperCase(), ...Array.from(extra.get(letter) ?? '')];
  const single = forms
    .map(form => form.codePointAt(0) ?? code)
    .filter((each, at) => String.fromCodePoint(each) === forms[at]);
  return [...new Set(single)];
};

export const anyCase =
  (accepts: Accepts): Accepts =>
  code =>
    accepts(code) || casesOf(code).some(accepts);
