/** Upper and lower case, rune by rune as Go maps them: one rune never becomes two. */
import { badRune, codes, stringOfText } from '../bytes.ts';
import { fixed, string, type TemplateFunction } from '../function.ts';

/** Where Unicode makes one rune of upper case two, Go keeps the rune. */
const upperRune = (rune: string): string => {
  const mapped = rune.toUpperCase();
  return String.fromCodePoint(mapped.codePointAt(0) ?? badRune) === mapped ? mapped : rune;
};
const lowerRune = (rune: string): string => String.fromCodePoint(rune.toLowerCase().codePointAt(0) ?? badRune);

/** Letters that stand for two and have a third form for the start of a word. */
const titleRunes: ReadonlyMap<string, string> = new Map(
  ['Ǆǅǆ', 'Ǉǈǉ', 'Ǌǋǌ', 'Ǳǲǳ'].flatMap(([big = '', first = '', small = '']) => [
    [big, first] as const,
    [first, first] as const,
    [small, first] as const,
  ]),
);
const titleRune = (rune: string): string => titleRunes.get(rune) ?? upperRune(rune);

/** Every rune changed; a byte that is not UTF-8 becomes U+FFFD, as in Go. */
const each = (text: string, change: (rune: string) => string): string =>
  stringOfText(
    codes(text)
      .map(code => change(String.fromCodePoint(code)))
      .join(''),
  );

/** Runes at the start of a word changed by `first`, the others by `other`. */
const byWord =
  (parts: RegExp, first: (rune: string) => string, other = (rune: string) => rune): ((text: string) => string) =>
  text => {
    let before = ' ';
    return each(text, rune => {
      const starts = parts.test(before);
      before = rune;
      return (starts ? first : other)(rune);
    });
  };

/** What Go's strings.Title takes to part words: all but letters, digits, underscores and ASCII apart from spaces. */
const parts = /[\p{Z}\t-\r\x85!-/:-@[-^`{-~]/u;

const swapped = (rune: string): string => {
  if (/\p{Lu}|\p{Lt}/u.test(rune)) return lowerRune(rune);
  return /\p{Ll}/u.test(rune) ? upperRune(rune) : rune;
};

const onText = (change: (string: string) => string): TemplateFunction =>
  fixed([string], ([text], work) => {
    work.step(text.length);
    work.make(text.length * 3);
    return change(text);
  });

export const caseFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['upper', onText(text => each(text, upperRune))],
  ['lower', onText(text => each(text, lowerRune))],
  ['title', onText(byWord(parts, titleRune))],
  ['untitle', onText(byWord(/\p{White_Space}/u, lowerRune))],
  ['swapcase', onText(text => each(text, swapped))],
];
