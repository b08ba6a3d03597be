/** One value in a table: numbers with all their digits, lists as `[a b]`, maps as `map[k:v]`, nothing as `<nil>`. */
import { type Json, JsonNumber } from '@coffer/schema/json/value.ts';

export const cell = (value: Json | undefined): string => {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof JsonNumber) return value.source;
  if (value instanceof Map) return `map[${members(value as ReadonlyMap<string, Json>)}]`;
  return `[${(value as readonly Json[]).map(cell).join(' ')}]`;
};

const members = (map: ReadonlyMap<string, Json>): string =>
  [...map.entries()]
    .toSorted(byName)
    .map(([name, value]) => `${name}:${cell(value)}`)
    .join(' ');

/** Byte order for the names that occur: code units. */
export const byName = (left: readonly [string, unknown], right: readonly [string, unknown]): number =>
  left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0;
