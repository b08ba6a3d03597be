/** Go's reflect.DeepEqual: the same type and the same content. */
import { Dict, Int, List, type Value } from '../value.ts';
import type { Work } from '../work.ts';

const sameItems = (a: List, b: List, work: Work): boolean =>
  a.of === b.of &&
  a.items.length === b.items.length &&
  a.items.every((item, at) => deepEqual(item, b.items[at] ?? null, work));

const sameEntries = (a: Dict, b: Dict, work: Work): boolean =>
  a.of === b.of &&
  a.entries.size === b.entries.size &&
  [...a.entries].every(([key, item]) => b.entries.has(key) && deepEqual(item, b.get(key), work));

export const deepEqual = (a: Value, b: Value, work: Work): boolean => {
  work.step(1 + (typeof a === 'string' ? a.length >> 8 : 0));
  if (a instanceof Int && b instanceof Int) return a.kind === b.kind && a.value === b.value;
  if (a instanceof List && b instanceof List) return work.deeper(() => sameItems(a, b, work));
  if (a instanceof Dict && b instanceof Dict) return a === b || work.deeper(() => sameEntries(a, b, work));
  return a === b;
};
