/** Functions over texts. Lengths count bytes where Go's do. */
import { pieces } from '../bytes.ts';
import { quote } from '../format/quote.ts';
import { any, fixed, int, string, type TemplateFunction, variadic } from '../function.ts';
import { Dict, List, listOf, type Value } from '../value.ts';
import { fault, type Work } from '../work.ts';
import { toText, toTexts } from './convert.ts';

/** Unicode's White_Space, as bytes of UTF-8. */
const space =
  '(?:[\\t-\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80)';
const spaces = new RegExp(space, 'g');
const isSpace = new RegExp(`^${space}$`);

/** Cuts runes that `drops` names off both ends. */
const trimRunes = (text: string, drops: (piece: string) => boolean): string => {
  const all = pieces(text);
  const from = all.findIndex(piece => !drops(piece));
  return from === -1 ? '' : all.slice(from, all.findLastIndex(piece => !drops(piece)) + 1).join('');
};

export const trimSpace = (text: string): string => trimRunes(text, piece => isSpace.test(piece));

const trimSet = (set: string, text: string): string => {
  const drops = new Set(pieces(set));
  return trimRunes(text, piece => drops.has(piece));
};

const truncate = (count: number, text: string): string => {
  if (count < 0) return text.length + count > 0 ? text.slice(text.length + count) : text;
  return text.slice(0, count);
};

const substring = (start: number, end: number, text: string): string => {
  const from = Math.max(start, 0);
  const to = start >= 0 && (end < 0 || end > text.length) ? text.length : end;
  return from <= to && to <= text.length ? text.slice(from, to) : fault('the start lies behind the end');
};

const abbreviate = (width: number, text: string): string =>
  width < 4 || text.length <= width ? text : `${text.slice(0, width - 3)}...`;

const repeat = (count: number, text: string, work: Work): string => {
  if (count < 0) fault('the count is negative');
  work.make(count * text.length);
  return text.repeat(count);
};

/** How often `part` stands in `text`, without overlaps; an empty part stands between all runes and at both ends. */
const countOf = (text: string, part: string): number =>
  part === '' ? pieces(text).length + 1 : text.split(part).length - 1;

const replace = (old: string, by: string, { text, work }: { text: string; work: Work }): string => {
  work.make(text.length + countOf(text, old) * by.length);
  if (old !== '') return text.replaceAll(old, () => by);
  return (
    by +
    pieces(text)
      .map(piece => piece + by)
      .join('')
  );
};

const indent = (width: number, text: string, work: Work): string => {
  if (width < 0) fault('the width is negative');
  work.make(text.length + width * countOf(text, '\n') + width);
  const margin = ' '.repeat(width);
  return margin + text.replaceAll('\n', `\n${margin}`);
};

const joined = (texts: readonly string[], separator: string, work: Work): string => {
  work.make(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
  return texts.join(separator);
};

const split = (separator: string, text: string): string[] => (separator === '' ? pieces(text) : text.split(separator));

/** At most `count` parts, the last one holds the rest; any number of them where `count` is negative. */
const splitAtMost = (separator: string, count: number, text: string): string[] => {
  const all = split(separator, text);
  if (count < 0 || all.length <= count) return all;
  return count === 0 ? [] : [...all.slice(0, count - 1), all.slice(count - 1).join(separator)];
};

const numbered = (parts: readonly string[]): Dict =>
  new Dict(
    parts.map((part, at) => [`_${at}`, part]),
    'string',
  );

const quoted = (each: (text: string) => string): TemplateFunction =>
  variadic([[], any], (_, values, work) =>
    values
      .filter(value => value !== null)
      .map(value => toText(value, work))
      .map(text => {
        work.make(text.length * 4);
        return each(text);
      })
      .join(' '),
  );

const cat = (values: readonly Value[], work: Work): string =>
  joined(
    values.filter(value => value !== null).map(value => toText(value, work)),
    ' ',
    work,
  );

const initials = (text: string): string => {
  let begins = true;
  const found: string[] = [];
  for (const piece of pieces(text)) {
    const blank = isSpace.test(piece);
    if (!blank && begins) found.push(piece);
    begins = blank;
  }
  return found.join('');
};

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const onText = (change: (text: string) => string): TemplateFunction => fixed([string], ([text]) => change(text));
const twoTexts = (run: (a: string, b: string) => Value): TemplateFunction =>
  fixed([string, string], ([a, b]) => run(a, b));

export const stringFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['hello', fixed([], () => 'Hello!')],
  ['trim', onText(trimSpace)],
  ['nospace', onText(text => text.replaceAll(spaces, ''))],
  ['initials', onText(initials)],
  ['trunc', fixed([int, string], ([count, text]) => truncate(count, text))],
  ['substr', fixed([int, int, string], ([start, end, text]) => substring(start, end, text))],
  ['abbrev', fixed([int, string], ([width, text]) => abbreviate(width, text))],
  ['repeat', fixed([int, string], ([count, text], work) => repeat(count, text, work))],
  ['trimAll', twoTexts(trimSet)],
  ['trimall', twoTexts(trimSet)],
  ['trimSuffix', twoTexts((end, text) => (end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text))],
  ['trimPrefix', twoTexts((start, text) => (text.startsWith(start) ? text.slice(start.length) : text))],
  ['contains', twoTexts((part, text) => text.includes(part))],
  ['hasPrefix', twoTexts((start, text) => text.startsWith(start))],
  ['hasSuffix', twoTexts((end, text) => text.endsWith(end))],
  ['quote', quoted(text => quote(text))],
  ['squote', quoted(text => `'${text}'`)],
  ['cat', variadic([[], any], (_, values, work) => cat(values, work))],
  ['indent', fixed([int, string], ([width, text], work) => indent(width, text, work))],
  ['nindent', fixed([int, string], ([width, text], work) => `\n${indent(width, text, work)}`)],
  ['replace', fixed([string, string, string], ([old, by, text], work) => replace(old, by, { text, work }))],
  ['plural', fixed([string, string, int], ([one, many, count]) => (count === 1 ? one : many))],
  ['toString', fixed([any], ([value], work) => toText(value, work))],
  ['toStrings', fixed([any], ([value], work) => listOf(value === null ? [] : toTexts(value, work)))],
  ['split', twoTexts((separator, text) => numbered(split(separator, text)))],
  ['splitn', fixed([string, int, string], ([separator, count, text]) => numbered(splitAtMost(separator, count, text)))],
  ['splitList', twoTexts((separator, text) => listOf(split(separator, text)))],
  ['join', fixed([string, any], ([separator, value], work) => joined(toTexts(value, work), separator, work))],
  [
    'sortAlpha',
    fixed([any], ([value], work) =>
      listOf(value instanceof List ? toTexts(value, work).toSorted(byBytes) : [toText(value, work)]),
    ),
  ],
  [
    'fail',
    fixed([string], ([reason], work) =>
      fault(
        work.isWritten(reason)
          ? `says: ${JSON.stringify(reason)}`
          : 'was called with a text made from data, which is not shown',
      ),
    ),
  ],
];
