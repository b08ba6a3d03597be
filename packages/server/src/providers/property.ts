/** Finds a property in the data of a secret: the member of that name, else what the path leads to. */
import { type Json, JsonNumber, type JsonObject } from '@coffer/schema/json/value.ts';
import { type Filter, type Name, type Operator, parsePath, type Step } from './json-path.ts';

const isObject = (value: Json): value is JsonObject => value instanceof Map;
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Goes back to the last `*` where it does not go on: the work is at most the product of both lengths. */
const matches = ({ text: pattern, wild }: Name, text: string): boolean => {
  let [at, inPattern, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    const isWild = wild.has(inPattern);
    if (isWild && pattern[inPattern] === '*') {
      [star, resume] = [inPattern, at];
      inPattern += 1;
    } else if (inPattern < pattern.length && (isWild || pattern[inPattern] === text[at])) {
      at += 1;
      inPattern += 1;
    } else if (star < 0) return false;
    else {
      resume += 1;
      [at, inPattern] = [resume, star + 1];
    }
  }
  while (wild.has(inPattern) && pattern[inPattern] === '*') inPattern += 1;
  return inPattern === pattern.length;
};

const childOf = (value: Json, name: Name): Json | undefined => {
  if (isList(value)) return /^[0-9]{1,9}$/.test(name.text) ? value[Number(name.text)] : undefined;
  if (!isObject(value)) return undefined;
  if (name.wild.size === 0) return value.get(name.text);
  return [...value].find(([member]) => matches(name, member))?.[1];
};

const compare = <T>(left: T, operator: Operator, right: T): boolean => {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return operator === '>=' && left >= right;
  }
};

const patternOf = (text: string): Name => ({
  kind: 'name',
  text,
  wild: new Set([...text.matchAll(/[*?]/g)].map(({ index }) => index)),
});

/** What has structure is compared with nothing. */
const holds = (value: Json | undefined, { operator, operand }: Filter): boolean => {
  if (value === undefined) return false;
  if (operator === 'exists') return true;
  if (value instanceof JsonNumber) return compare(value.toNumber(), operator, Number(operand));
  if (typeof value !== 'string') return !isList(value) && !isObject(value) && compare(String(value), operator, operand);
  if (operator === '%' || operator === '!%') return matches(patternOf(operand), value) === (operator === '%');
  return compare(value, operator, operand);
};

const each = (values: readonly Json[], rest: readonly Step[]): readonly Json[] =>
  values.map(value => walk(value, rest)).filter(found => found !== undefined);

const filtered = (values: readonly Json[], filter: Filter, rest: readonly Step[]): Json | undefined => {
  const isWanted = (value: Json): boolean => holds(walk(value, filter.path), filter);
  if (filter.all) return each(values.filter(isWanted), rest);
  const first = values.find(isWanted);
  return first === undefined ? undefined : walk(first, rest);
};

const walk = (value: Json, steps: readonly Step[]): Json | undefined => {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step.kind === 'name') {
    const child = childOf(value, step);
    return child === undefined ? undefined : walk(child, rest);
  }
  if (!isList(value)) return undefined;
  if (step.kind === 'filter') return filtered(value, step, rest);
  return rest.length === 0 ? new JsonNumber(String(value.length)) : each(value, rest);
};

/** `undefined` where there is none. Throws `invalid_request` for a path that is not understood. */
export const propertyOf = (data: JsonObject, property: string): Json | undefined => {
  const member = data.get(property);
  return member === undefined ? walk(data, parsePath(property)) : member;
};
