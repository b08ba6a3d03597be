/** eq, ne, lt, le, gt, ge: only values of one basic kind compare; all whole numbers are one kind. */
import { Dict, Int, List, typeName, type Value } from '../value.ts';
import { fault } from '../work.ts';

const basicKind = (value: Value): string => {
  if (value instanceof Int) return 'whole number';
  return value === null || value instanceof List || value instanceof Dict ? 'none' : typeof value;
};

const incompatible = (a: Value, b: Value): never =>
  fault(`cannot compare ${typeName(a)} with ${typeName(b)}: convert one of them`);

export const equal = (a: Value, b: Value): boolean => {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) return a === null || b === null ? false : incompatible(a, b);
  if (a instanceof Int && b instanceof Int) return a.value === b.value;
  if (kind !== 'none') return a === b;
  return a === null || b === null ? a === b : fault(`cannot compare values of type ${typeName(a)}`);
};

export const less = (a: Value, b: Value): boolean => {
  if (a instanceof Int && b instanceof Int) return a.value < b.value;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  return typeof a === 'number' && typeof b === 'number' ? a < b : incompatible(a, b);
};
