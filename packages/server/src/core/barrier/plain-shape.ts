/** Records whose member names are ours; members that are maps, with names that callers chose, are laid down as lists of pairs. */
import type { Shape } from './collection.ts';

export const plainShape = <T extends object>(name: string, maps: readonly (keyof T & string)[] = []): Shape<T> => ({
  name,
  encode: record => replaced(record, maps, value => [...(value as ReadonlyMap<string, string>)]),
  decode: stored => replaced(stored as T, maps, value => new Map(value as [string, string][])) as T,
});

const replaced = <T extends object>(
  record: T,
  members: readonly (keyof T & string)[],
  change: (value: unknown) => unknown,
): unknown => {
  const copy: { [K in keyof T]?: unknown } = { ...record };
  for (const member of members) if (record[member] !== undefined) copy[member] = change(record[member]);
  return copy;
};
