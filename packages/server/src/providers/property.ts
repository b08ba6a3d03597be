/** Finds a property in the data of a secret: the member of that name, else what the path leads to. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type Json, JsonNumber, type JsonObject } from '@coffer/schema/json/value.ts';
import { type Filter, type Name, type Operator, parsePath, type Step } from './json-path.ts';

const isObject = (value: Json): value is JsonObject => value instanceof Map;
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

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

/** Characters that are compared with patterns, all together: about 20 ms. */
const comparisonsLimit = 1_000_000;

/** Whole numbers that are compared digit by digit: identifiers may be larger than what a floating-point number tells apart. */
const wholeForm = /^-?[0-9]{1,40}$/;

const compareNumbers = ({ source }: JsonNumber, operator: Operator, operand: string): boolean =>
  wholeForm.test(source) && wholeForm.test(operand)
    ? compare(BigInt(source), operator, BigInt(operand))
    : compare(Number(source), operator, Number(operand));

/** Goes one path through one secret. */
class Walk {
  #left = comparisonsLimit;

  /** What the steps lead to from here. */
  from(value: Json, steps: readonly Step[]): Json | undefined {
    const [step, ...rest] = steps;
    if (step === undefined) return value;
    if (step.kind === 'name') {
      const child = this.#childOf(value, step);
      return child === undefined ? undefined : this.from(child, rest);
    }
    if (!isList(value)) return undefined;
    if (step.kind === 'filter') return this.#filtered(value, step, rest);
    return rest.length === 0 ? new JsonNumber(String(value.length)) : this.#each(value, rest);
  }

  #childOf(value: Json, name: Name): Json | undefined {
    if (isList(value)) return /^[0-9]{1,9}$/.test(name.text) ? value[Number(name.text)] : undefined;
    if (!isObject(value)) return undefined;
    if (name.wild.size === 0) return value.get(name.text);
    return [...value].find(([member]) => this.#matches(name, member))?.[1];
  }

  #each(values: readonly Json[], rest: readonly Step[]): readonly Json[] {
    return values.map(value => this.from(value, rest)).filter(found => found !== undefined);
  }

  #filtered(values: readonly Json[], filter: Filter, rest: readonly Step[]): Json | undefined {
    const isWanted = (value: Json): boolean => this.#holds(this.from(value, filter.path), filter);
    if (filter.all) return this.#each(values.filter(isWanted), rest);
    const first = values.find(isWanted);
    return first === undefined ? undefined : this.from(first, rest);
  }

  /** What has structure is compared with nothing. */
  #holds(value: Json | undefined, { operator, operand }: Filter): boolean {
    if (value === undefined) return false;
    if (operator === 'exists') return true;
    if (value instanceof JsonNumber) return compareNumbers(value, operator, operand);
    if (typeof value !== 'string')
      return !isList(value) && !isObject(value) && compare(String(value), operator, operand);
    if (operator === '%' || operator === '!%') return this.#matches(patternOf(operand), value) === (operator === '%');
    return compare(value, operator, operand);
  }

  /** Goes back to the last `*` where it does not go on: the work is the product of both lengths, if nobody stops it. */
  #matches({ text: pattern, wild }: Name, text: string): boolean {
    let [at, inPattern, star, resume] = [0, 0, -1, 0];
    while (at < text.length) {
      this.#compared();
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
  }

  #compared(): void {
    this.#left -= 1;
    if (this.#left < 0)
      throw new CofferError(
        'invalid_request',
        `property: more than ${comparisonsLimit} characters to compare with its pattern: write the names out`,
      );
  }
}

/** `undefined` where there is none. Throws `invalid_request` for a path that is not understood, or asks for too much. */
export const propertyOf = (data: JsonObject, property: string): Json | undefined => {
  const member = data.get(property);
  return member === undefined ? new Walk().from(data, parsePath(property)) : member;
};
