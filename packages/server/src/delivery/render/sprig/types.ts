/** Functions about what a value is, and choices between values. */
import { any, bool, fixed, string, type TemplateFunction, variadic } from '../function.ts';
import { isTrue, kindName, typeName, type Value } from '../value.ts';
import { deepEqual } from './equal.ts';

const firstTrue = (values: readonly Value[]): Value => values.find(isTrue) ?? null;

export const typeFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['default', variadic([[any], any], ([fallback], [given = null]) => (isTrue(given) ? given : fallback))],
  ['empty', fixed([any], ([value]) => !isTrue(value))],
  ['coalesce', variadic([[], any], (_, values) => firstTrue(values))],
  ['all', variadic([[], any], (_, values) => values.every(isTrue))],
  ['any', variadic([[], any], (_, values) => values.some(isTrue))],
  ['ternary', fixed([any, any, bool], ([yes, no, which]) => (which ? yes : no))],
  ['typeOf', fixed([any], ([value]) => typeName(value))],
  ['typeIs', fixed([string, any], ([type, value]) => typeName(value) === type)],
  ['typeIsLike', fixed([string, any], ([type, value]) => typeName(value) === type || `*${typeName(value)}` === type)],
  ['kindOf', fixed([any], ([value]) => kindName(value))],
  ['kindIs', fixed([string, any], ([kind, value]) => kindName(value) === kind)],
  ['deepEqual', fixed([any, any], ([a, b], work) => deepEqual(a, b, work))],
];
