/** The names inside a secret, with `null` where a value would be. */
import type { RawJson } from '@coffer/schema/json/raw.ts';
import type { Json } from '@coffer/schema/json/value.ts';

/** Lists, scalars, empty objects and what lies deeper than asked become `null`. Depth is bounded by the scanner. */
const namesIn = (value: Json, levels: number): Json => {
  if (!(value instanceof Map) || value.size === 0 || levels === 0) return null;
  const names = new Map<string, Json>();
  for (const [name, inner] of value as ReadonlyMap<string, Json>) names.set(name, namesIn(inner, levels - 1));
  return names;
};

/** `depth` 0 shows all levels. */
export const subkeysOf = (data: RawJson, depth: number): Json => {
  const names = namesIn(data.value(), depth > 0 ? depth : -1);
  return names ?? new Map<string, Json>();
};
