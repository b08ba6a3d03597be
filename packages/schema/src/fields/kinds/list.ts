/** Lists and pairs as the wire writes them: a JSON list, or one text with commas; an object, or a list of `key=value`. */
import type { RawJson } from '../../json/raw.ts';
import { type Json, JsonNumber } from '../../json/value.ts';
import { type Kind, makeKind } from '../kind.ts';
import { readInteger } from './number.ts';
import { refuseExpecting, scalarText } from './scalar.ts';

const aList = 'a list of texts, or one text with commas';
const textOf = (value: Json, expects: string): string => {
  if (typeof value === 'string') return value;
  if (value instanceof JsonNumber) return value.source;
  return typeof value === 'boolean' ? (value ? '1' : '0') : refuseExpecting(expects);
};

const spaces = ' \t\r\n';

/** Without the spaces around it that people write between entries. Others, such as U+00A0, stay: they would hide what a name is. */
const trimmed = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && spaces.includes(text.charAt(start))) start++;
  while (end > start && spaces.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
};

const splitComma = (text: string): readonly string[] =>
  text
    .split(',')
    .map(trimmed)
    .filter(part => part !== '');

const elementsOf = (value: RawJson): readonly Json[] | undefined => {
  const opened = value.type === 'array' ? value.value() : undefined;
  return Array.isArray(opened) ? (opened as readonly Json[]) : undefined;
};

export const list: Kind<readonly string[]> = makeKind({
  name: 'list',
  expects: aList,
  json: { type: 'array', items: { type: 'string' } },
  ts: { in: 'readonly string[] | string', out: 'readonly string[]' },
  coerce: value =>
    elementsOf(value)?.map(element => trimmed(textOf(element, aList))) ?? splitComma(scalarText(value, aList)),
  form: splitComma,
  arbitrary: pick => pick([[], ['a'], ['a', ' b '], [1, true], [[]], [null], '', 'a', 'a, b,,c', 7, null, {}]),
});

const someIntegers = 'a list of whole numbers, or one text with commas';
const readIntegers = (text: string): readonly number[] => splitComma(text).map(part => readInteger(part, someIntegers));
export const integers: Kind<readonly number[]> = makeKind({
  name: 'integers',
  expects: someIntegers,
  json: { type: 'array', items: { type: 'integer' } },
  ts: { in: 'readonly number[] | number | string', out: 'readonly number[]' },
  coerce: value =>
    elementsOf(value)?.map(element => readInteger(textOf(element, someIntegers), someIntegers)) ??
    readIntegers(scalarText(value, someIntegers)),
  form: readIntegers,
  arbitrary: pick => pick([[], [1], [1, '2'], [1.5], ['x'], '', '1, 2', 3, '1,x', null, {}]),
});

const somePairs = 'an object of texts, or a list of "key=value"';
type Pairs = ReadonlyMap<string, string>;
const readPair = (text: string): readonly [string, string] => {
  const at = text.indexOf('=');
  return at < 1 ? refuseExpecting(somePairs) : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
};
const readPairs = (text: string): Pairs => new Map(text.trim() === '' ? [] : [readPair(text)]);

const coercePairs = (value: RawJson): Pairs => {
  const elements = elementsOf(value);
  if (elements !== undefined) return new Map(elements.map(element => readPair(textOf(element, somePairs))));
  if (value.type !== 'object') return readPairs(scalarText(value, somePairs));
  const found = new Map<string, string>();
  for (const [name, member] of value.members())
    found.set(name, member.type === 'null' ? '' : scalarText(member, somePairs));
  return found;
};

export const keyvalues: Kind<Pairs> = makeKind({
  name: 'keyvalues',
  expects: somePairs,
  json: { type: 'object', additionalProperties: { type: 'string' } },
  ts: { in: '{ readonly [name: string]: string } | readonly string[]', out: '{ readonly [name: string]: string }' },
  coerce: coercePairs,
  form: readPairs,
  arbitrary: pick =>
    pick([
      {},
      { a: 'b' },
      { a: 1, b: true, c: null },
      { a: {} },
      ['a=b', 'c='],
      ['a'],
      ['=b'],
      'a=b',
      '',
      'a',
      [1],
      null,
    ]),
});
