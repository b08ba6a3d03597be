/** Functions over lists. None changes a list: each makes a new one. */
import { any, fixed, int, type TemplateFunction, variadic } from '../function.ts';
import { isTrue, List, typeName, type Value } from '../value.ts';
import { fault, itemBytes, type Work } from '../work.ts';
import { toWhole } from './convert.ts';
import { deepEqual } from './equal.ts';

const listIn = (value: Value): List =>
  value instanceof List ? value : fault(`needs a list, not a value of type ${typeName(value)}`);

const holds = (items: readonly Value[], wanted: Value, work: Work): boolean =>
  items.some(item => deepEqual(item, wanted, work));

const unique = (items: readonly Value[], work: Work): Value[] => {
  const found: Value[] = [];
  for (const item of items) if (!holds(found, item, work)) found.push(item);
  return found;
};

const chunks = (size: number, items: readonly Value[]): List => {
  if (size < 1) return fault('the size must be 1 or more');
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, at) => at * size);
  return new List(
    starts.map(start => new List(items.slice(start, start + size))),
    '[]interface {}',
  );
};

const part = (list: List, [from = 0n, to = BigInt(list.items.length)]: readonly bigint[]): Value => {
  if (list.items.length === 0) return null;
  return from >= 0n && from <= to && to <= BigInt(list.items.length)
    ? new List(list.items.slice(Number(from), Number(to)), list.of)
    : fault('an index is out of range');
};

const concatenated = (lists: readonly List[], work: Work): List => {
  work.make(lists.reduce((sum, { items }) => sum + items.length * itemBytes, 0));
  return new List(lists.flatMap(({ items }) => items));
};

/** A function of one list that answers a value. */
const of = (run: (list: List, work: Work) => Value): TemplateFunction =>
  fixed([any], ([value], work) => run(listIn(value), work));
/** A function of one list that answers a list of anything. */
const to = (run: (items: readonly Value[], work: Work) => readonly Value[]): TemplateFunction =>
  of(({ items }, work) => new List(run(items, work)));

const made = variadic([[], any], (_, values) => new List(values));
const added = fixed([any, any], ([list, value]) => new List([...listIn(list).items, value]));

/** Functions that have a twin named `must…`, which Go's fail where the others panic: both fail here. */
const twins: readonly (readonly [string, TemplateFunction])[] = [
  ['first', of(({ items }) => items[0] ?? null)],
  ['last', of(({ items }) => items.at(-1) ?? null)],
  ['rest', to(items => items.slice(1))],
  ['initial', to(items => items.slice(0, -1))],
  ['reverse', to(items => items.toReversed())],
  ['compact', to(items => items.filter(isTrue))],
  ['uniq', to(unique)],
  ['append', added],
  ['push', added],
  ['prepend', fixed([any, any], ([list, value]) => new List([value, ...listIn(list).items]))],
  [
    'without',
    variadic(
      [[any], any],
      ([list], drops, work) => new List(listIn(list).items.filter(item => !holds(drops, item, work))),
    ),
  ],
  ['has', fixed([any, any], ([wanted, list], work) => list !== null && holds(listIn(list).items, wanted, work))],
  ['slice', variadic([[any], any], ([list], indexes) => part(listIn(list), indexes.map(toWhole)))],
  ['chunk', fixed([int, any], ([size, list]) => chunks(size, listIn(list).items))],
];

export const listFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['list', made],
  ['tuple', made],
  ['concat', variadic([[], any], (_, lists, work) => concatenated(lists.map(listIn), work))],
  ...twins,
  ...twins.map(([name, run]) => [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`, run] as const),
];
