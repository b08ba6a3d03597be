/** Manifests with one value changed: what a table takes and what it does not, found by trying. */
import type { Schema } from '../../../packages/server/src/kubernetes/api/fields/kind.ts';
import type { Example } from './examples.ts';

export interface Variant extends Example {
  /** What has been put where. */
  readonly change: string;
}

type Path = readonly (string | number)[];

/** Values that some field takes, and most do not. */
const odd: readonly unknown[] = [
  null,
  '',
  'a',
  'A_b.c',
  'a/b c',
  'a'.repeat(253),
  'a'.repeat(254),
  '😀'.repeat(130),
  '0',
  '1h30m',
  '.5s',
  '1.s',
  '-1s',
  '+1s',
  '1h 2m',
  '1d',
  '90',
  '2562047h',
  '2562048h',
  '1µs',
  '1h'.repeat(32),
  '1h'.repeat(33),
  'aGVsbG8=',
  'aGVsbG8',
  'Owner',
  'v2',
  0,
  -1,
  1.5,
  2_147_483_648,
  1e300,
  true,
  false,
  [],
  ['a'],
  [null],
  [{}],
  {},
  { a: 'b' },
  { a: 1 },
  { a: null },
];

const pathsOf = (value: unknown, path: Path = []): readonly Path[] => {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((one: unknown, index) => [index, one] as const)
    : Object.entries(value);
  return [path, ...entries.flatMap(([name, one]) => pathsOf(one, [...path, name]))];
};

/** A copy with what `change` makes of the value there; `undefined` takes it away. */
const changed = (value: unknown, [name, ...rest]: Path, to: unknown): unknown => {
  if (name === undefined) return to;
  if (Array.isArray(value)) return value.map((one: unknown, index) => (index === name ? changed(one, rest, to) : one));
  const members = value as { readonly [name: string]: unknown };
  return { ...members, [name]: changed(members[name], rest, to) };
};

/** Where an object or list belongs, one text is as good as another. */
const oddOnes = odd.filter(value => typeof value === 'object' || value === 'a' || value === 0 || value === true);

/** An item of a list cannot be taken away: what stays would be a hole. */
const replacements = (path: Path, { properties, items }: Schema): readonly unknown[] => [
  ...(typeof path.at(-1) === 'number' ? [] : [undefined]),
  ...(properties === undefined && items === undefined ? odd : oddOnes),
];

/** The schema of a member or item; what is not looked into has an empty one. */
const inside = (schema: Schema, name: string | number): Schema => {
  const { items, properties, additionalProperties, required } = schema as {
    readonly [key: string]: Schema | undefined;
  };
  if (typeof name === 'number') return items ?? {};
  const needed = Array.isArray(required) && required.includes(name);
  return { ...(properties?.[name] ?? additionalProperties), needed };
};

/** Fields with the same one take the same values. */
const shapeOf = (schema: Schema): string =>
  JSON.stringify(schema, (key, value: unknown) => (key === 'description' ? undefined : value));

const variant = ({ kind, spec }: Example, path: Path, to: unknown): Variant => ({
  kind,
  spec: JSON.parse(JSON.stringify(changed(spec, path, to))) as Example['spec'],
  change: `${kind} ${path.join('.')}: ${JSON.stringify(to)}`,
});

/** Every value of `odd` at a place of every shape in these, in a fixed order. */
export const variantsOf = (
  examples: readonly Example[],
  schemaOf: (example: Example) => Schema,
): readonly Variant[] => {
  const seen = new Set<string>();
  return examples.flatMap(example =>
    pathsOf(example.spec)
      .slice(1)
      .flatMap(path => {
        const schema = path.reduce(inside, schemaOf(example));
        const shape = shapeOf(schema);
        if (seen.has(shape)) return [];
        seen.add(shape);
        return replacements(path, schema).map(to => variant(example, path, to));
      }),
  );
};
