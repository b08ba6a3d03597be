/** Functions over dictionaries. `set`, `unset`, `merge` change the one given, as in Go. Keys come in the order of their bytes. */
import { any, dict, fixed, type Parameter, string, type TemplateFunction, variadic } from '../function.ts';
import { Dict, isTrue, List, listOf, typeName, type Value } from '../value.ts';
import { fault, type Work } from '../work.ts';
import { toText } from './convert.ts';

/** nil is an empty dictionary to read from, and none to write into. */
const changeable: Parameter<Dict> = { ...dict, take: value => (value === null ? undefined : dict.take(value)) };

const make = (values: readonly Value[], work: Work): Dict => {
  const made = new Dict();
  for (let at = 0; at < values.length; at += 2)
    made.entries.set(toText(values[at] ?? null, work), at + 1 < values.length ? (values[at + 1] ?? null) : '');
  return made;
};

const set = (into: Dict, key: string, value: Value): Dict => {
  into.entries.set(key, value);
  return into;
};

const unset = (from: Dict, key: string): Dict => {
  from.entries.delete(key);
  return from;
};

const chosen = (from: Dict, keeps: (key: string) => boolean): Dict =>
  new Dict([...from.entries].filter(([key]) => keeps(key)));

const keysOf = (dicts: readonly Dict[]): List => listOf(dicts.flatMap(each => each.sorted().map(([key]) => key)));

/** `dig "a" "b" DEFAULT DICT` */
const dig = (args: readonly Value[]): Value => {
  const [fallback, from] = args.slice(-2);
  if (args.length < 3 || fallback === undefined) return fault('needs a key, a default and a dictionary');
  let value: Value = from ?? null;
  for (const key of args.slice(0, -2)) {
    if (!(value instanceof Dict) || value.of === 'string' || typeof key !== 'string')
      return fault(`looks for a key in a value of type ${typeName(value)}`);
    if (!value.entries.has(key)) return fallback;
    value = value.get(key);
  }
  return value;
};

/** What is empty in `into` is taken from `from`, deep; with `over` also what is not empty. */
const mergeInto = (into: Dict, from: Dict, { over, work }: { over: boolean; work: Work }): Dict => {
  for (const [key, value] of from.entries) {
    work.step();
    const old = into.get(key);
    if (old instanceof Dict && value instanceof Dict) work.deeper(() => mergeInto(old, value, { over, work }));
    else if (over || (value !== null && !isTrue(old))) into.entries.set(key, value);
  }
  return into;
};

const merging = (over: boolean): TemplateFunction =>
  variadic([[dict], dict], ([into], others, work) =>
    others.reduce((merged, from) => mergeInto(merged, from, { over, work }), into),
  );

/** A copy that shares nothing. */
const deepCopy = (value: Value, work: Work): Value => {
  work.step();
  if (value instanceof List)
    return work.deeper(
      () =>
        new List(
          value.items.map(item => deepCopy(item, work)),
          value.of,
        ),
    );
  if (!(value instanceof Dict)) return value;
  return work.deeper(
    () =>
      new Dict(
        [...value.entries].map(([key, item]) => [key, deepCopy(item, work)]),
        value.of,
      ),
  );
};

const copying = fixed([any], ([value], work) =>
  value === null ? fault('nil cannot be copied') : deepCopy(value, work),
);

export const dictFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['dict', variadic([[], any], (_, values, work) => make(values, work))],
  ['get', fixed([dict, string], ([from, key]) => (from.entries.has(key) ? from.get(key) : ''))],
  ['set', fixed([changeable, string, any], ([into, key, value]) => set(into, key, value))],
  ['unset', fixed([dict, string], ([from, key]) => unset(from, key))],
  ['hasKey', fixed([dict, string], ([from, key]) => from.entries.has(key))],
  [
    'pluck',
    variadic(
      [[string], dict],
      ([key], dicts) => new List(dicts.filter(each => each.entries.has(key)).map(each => each.get(key))),
    ),
  ],
  ['keys', variadic([[], dict], (_, dicts) => keysOf(dicts))],
  ['values', fixed([dict], ([from]) => new List(from.sorted().map(([, value]) => value)))],
  ['pick', variadic([[dict], string], ([from], keys) => chosen(from, key => keys.includes(key)))],
  ['omit', variadic([[dict], string], ([from], keys) => chosen(from, key => !keys.includes(key)))],
  ['merge', merging(false)],
  ['mustMerge', merging(false)],
  ['mergeOverwrite', merging(true)],
  ['mustMergeOverwrite', merging(true)],
  ['dig', variadic([[], any], (_, args) => dig(args))],
  ['deepCopy', copying],
  ['mustDeepCopy', copying],
];
