/** The answer of a list as a device records it that elides lists: how many names there are, not which. */
import type { Out } from '@coffer/schema/out.ts';

const counted: readonly string[] = ['keys', 'key_info'];

const countOf = (value: Out): Out => {
  if (value instanceof Map) return value.size;
  return Array.isArray(value)
    ? value.length
    : typeof value === 'object' && value !== null
      ? Object.keys(value).length
      : value;
};

export const elided = (data: Out): Out => {
  if (typeof data !== 'object' || data === null || data instanceof Map || !('keys' in data)) return data;
  const members = Object.entries(data as { readonly [name: string]: Out });
  return Object.fromEntries(members.map(([name, value]) => [name, counted.includes(name) ? countOf(value) : value]));
};
