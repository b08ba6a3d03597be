/** The functions of the language itself, except `and` and `or`, which the evaluator knows because they may stop early. */
import { print, printLine } from '../format/show.ts';
import { printf } from '../format/printf.ts';
import { any, fixed, type Functions, string, type TemplateFunction, variadic } from '../function.ts';
import { Dict, Int, isTrue, List, typeName, type Value } from '../value.ts';
import { fault, type Work } from '../work.ts';
import { equal, less } from './compare.ts';
import { html, js, urlQuery } from './escape.ts';

export const lengthOf = (value: Value): number => {
  if (typeof value === 'string') return value.length;
  if (value instanceof List) return value.items.length;
  return value instanceof Dict ? value.entries.size : fault(`a value of type ${typeName(value)} has no length`);
};

/** The index itself is not told: it may be made from the data. */
const outOfRange = (): never => fault('an index is out of range: ask `len` first');

/** A place in something of `length`, its end included. */
const placeIn = (index: Value, length: number): number => {
  if (!(index instanceof Int)) return fault(`an index must be a whole number, not ${typeName(index)}`);
  const at = Number(index.value);
  return at >= 0 && at <= length ? at : outOfRange();
};

const itemOf = (of: Value, index: Value): Value => {
  if (of instanceof Dict)
    return typeof index === 'string' ? of.get(index) : fault(`a key must be a string, not ${typeName(index)}`);
  if (of === null) return fault('nil has no items');
  if (typeof of !== 'string' && !(of instanceof List)) return fault(`a value of type ${typeName(of)} has no items`);
  const at = placeIn(index, lengthOf(of));
  if (at === lengthOf(of)) return outOfRange();
  return typeof of === 'string' ? new Int(of.charCodeAt(at), 'uint8') : (of.items[at] ?? null);
};

export const slice = (of: Value, indexes: readonly Value[]): Value => {
  if (typeof of !== 'string' && !(of instanceof List)) return fault(`a value of type ${typeName(of)} cannot be sliced`);
  if (indexes.length > (typeof of === 'string' ? 2 : 3)) return fault('too many indexes');
  const [from = 0, to = lengthOf(of), end = to] = indexes.map(index => placeIn(index, lengthOf(of)));
  if (from > to || to > end) return fault('an index is larger than the one behind it');
  return typeof of === 'string' ? of.slice(from, to) : new List(of.items.slice(from, to), of.of);
};

const comparison = (holds: (a: Value, b: Value) => boolean): TemplateFunction =>
  fixed([any, any], ([a, b]) => holds(a, b));

const escaping = (escape: (text: string) => string): TemplateFunction =>
  variadic([[], any], (_, values, work) => {
    const text = print(
      values.map(value => value ?? '<no value>'),
      work,
    );
    work.make(text.length * 6);
    return escape(text);
  });

const printing = (make: (values: readonly Value[], work: Work) => string): TemplateFunction =>
  variadic([[], any], (_, values, work) => make(values, work));

export const builtins: Functions = new Map<string, TemplateFunction>([
  ['not', fixed([any], ([value]) => !isTrue(value))],
  ['len', fixed([any], ([value]) => new Int(lengthOf(value)))],
  [
    'index',
    variadic([[any], any], ([of], indexes) => (of === null ? fault('nil has no items') : indexes.reduce(itemOf, of))),
  ],
  ['slice', variadic([[any], any], ([of], indexes) => slice(of, indexes))],
  ['print', printing(print)],
  ['println', printing(printLine)],
  ['printf', variadic([[string], any], ([text], values, work) => printf(text, values, work))],
  ['html', escaping(html)],
  ['js', escaping(js)],
  ['urlquery', escaping(urlQuery)],
  [
    'eq',
    variadic([[any], any], ([value], others) =>
      others.length === 0 ? fault('needs something to compare with') : others.some(other => equal(value, other)),
    ),
  ],
  ['ne', comparison((a, b) => !equal(a, b))],
  ['lt', comparison(less)],
  ['le', comparison((a, b) => less(a, b) || equal(a, b))],
  ['gt', comparison((a, b) => !(less(a, b) || equal(a, b)))],
  ['ge', comparison((a, b) => !less(a, b))],
  ['call', variadic([[], any], () => fault('is refused: templates hold no functions as values'))],
]);
