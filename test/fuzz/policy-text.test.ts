/**
 * The readers of HCL, JSON and policies on made-up texts: what is written in both forms reads the same, and what is
 * damaged ends in the one error that says where. The seed is printed on failure; `COFFER_FUZZ_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { HclError } from '@coffer/schema/hcl/error.ts';
import { parseHcl } from '@coffer/schema/hcl/parse.ts';
import type { HclObject, HclValue } from '@coffer/schema/hcl/tree.ts';
import { defaultPolicyText } from '../../packages/server/src/core/policies/builtin.ts';
import { parsePolicy } from '../../packages/server/src/core/policies/parse.ts';

const rounds = 4000;
const seed = Number(process.env['COFFER_FUZZ_SEED'] ?? '20261121');

/** xorshift32: repeatable, and good enough to choose. */
const chooser = (start: number) => {
  let state = start | 0 || 1;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};
const choose = chooser(seed);
const pick = <T>(from: readonly T[]): T => from[choose(from.length)] as T;

type Made = string | number | boolean | readonly Made[] | ReadonlyMap<string, Made>;

const texts = [
  '',
  'a',
  'é😀',
  'x"y',
  'back\\slash',
  'tab\t',
  'new\nline',
  '{{ t }}',
  '$',
  '__proto__',
  '// no',
  '<<EOF',
  '\u2028',
];
const keys = ['a', 'b-c', 'd.e', 'ü', '__proto__', 'x y', '9', '"', 'constructor'];

const someValue = (depth: number): Made => {
  const kind = choose(depth === 0 ? 3 : 5);
  if (kind === 0) return pick(texts);
  if (kind === 1) return choose(2000) - 1000;
  if (kind === 2) return choose(2) === 0;
  const count = choose(4);
  if (kind === 3) return Array.from({ length: count }, () => someValue(depth - 1));
  return someObject(depth - 1);
};
const someObject = (depth: number): Map<string, Made> =>
  new Map(Array.from({ length: choose(4) }, () => [pick(keys), someValue(depth)] as const));

const isObject = (value: Made): value is ReadonlyMap<string, Made> => value instanceof Map;
const quoted = (text: string): string => JSON.stringify(text).replaceAll('\u2028', '\\u2028');

const asJson = (value: Made): string => {
  if (isObject(value)) return `{${[...value].map(([key, member]) => `${quoted(key)}: ${asJson(member)}`).join(',\n')}}`;
  if (typeof value === 'object') return `[${value.map(asJson).join(' , ')}]`;
  return typeof value === 'string' ? quoted(value) : String(value);
};
const asHcl = (value: Made): string => {
  if (isObject(value)) return `{ ${items(value)} }`;
  if (typeof value === 'object') return `[${value.map(asHcl).join(', ')}]`;
  return typeof value === 'string' ? quoted(value) : String(value);
};
const items = (object: ReadonlyMap<string, Made>): string =>
  [...object]
    .map(([key, member]) => `${quoted(key)} = ${asHcl(member)}${pick([' ', '\n', ' # c\n', ', ', '/* } */ '])}`)
    .join('');

const plain = (value: HclValue): Made => {
  if (value.kind === 'object') return plainObject(value);
  if (value.kind === 'list') return value.values.map(plain);
  if (value.kind === 'text') return value.text;
  return value.kind === 'bool' ? value.value : Number(value.source);
};
const plainObject = (object: HclObject): Map<string, Made> =>
  new Map(object.items.map(item => [item.keys[0].text, plain(item.value)] as const));

test(`what is written in HCL and in JSON reads as it was meant (seed ${seed})`, () => {
  for (let round = 0; round < rounds; round += 1) {
    const made = someObject(4);
    const hcl = items(made);
    assert.deepEqual(plainObject(parseHcl(hcl)), made, `seed ${seed}: ${hcl}`);
    assert.deepEqual(plainObject(parseHcl(asJson(made))), made, `seed ${seed}: ${asJson(made)}`);
  }
});

const scraps = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '=',
  ',',
  '\\',
  '${',
  '<<E\n',
  '/*',
  '#',
  '\0',
  '\n',
  '+*',
  '{{',
  '}}',
  'é',
  '\ud800',
  '9',
  '-',
  "'",
  ':',
  'path ',
  'deny',
];

const damaged = (text: string): string => {
  const at = choose(text.length + 1);
  const gone = choose(3) === 0 ? choose(20) : 0;
  return text.slice(0, at) + pick(scraps) + text.slice(at + gone);
};

const lineCount = (text: string): number => text.split('\n').length;

test(`a damaged document ends in an error with its place, or is read (seed ${seed})`, () => {
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    const made = someObject(3);
    const text = damaged(choose(2) === 0 ? items(made) : asJson(made));
    try {
      parseHcl(text);
    } catch (error) {
      assert.ok(error instanceof HclError, `seed ${seed}: ${JSON.stringify(text)} ${String(error)}`);
      assert.ok(
        error.line >= 1 && error.line <= lineCount(text) && error.column >= 1,
        `seed ${seed}: ${error.message}`,
      );
      refused += 1;
    }
  }
  assert.ok(refused > rounds / 4, 'the damage must be found often enough to mean something');
});

test(`a damaged policy is refused as a bad request, or is a policy (seed ${seed})`, () => {
  for (let round = 0; round < rounds / 4; round += 1) {
    const text = damaged(damaged(defaultPolicyText));
    try {
      parsePolicy('p', text);
    } catch (error) {
      assert.ok(error instanceof CofferError && error.code === 'invalid_request', `seed ${seed}: ${String(error)}`);
    }
  }
});
