/**
 * What policies say of parameters, wrapping and pages, against a plain reading of the same words: every constraint of
 * every policy that names the pattern, one after the other. `COFFER_FUZZ_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUnknown } from '@coffer/schema/json/unknown.ts';
import type { Capability } from '../../packages/server/src/core/policies/capability.ts';
import { Acl } from '../../packages/server/src/core/policies/acl.ts';
import { parsePolicy } from '../../packages/server/src/core/policies/parse.ts';
import { type Dice, seededDice } from './http-dice.ts';

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 4000);
const questionsPerRound = 8;
const seed = Number(process.env['COFFER_FUZZ_SEED'] ?? '20261126');
const path = 'a/b';
const capabilities: readonly Capability[] = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan'];

type Value = string | number | boolean | readonly string[];
type Values = ReadonlyMap<string, readonly Value[]>;

/** One policy's stanza for the one path. */
interface Stanza {
  readonly names: readonly Capability[];
  readonly deny: boolean;
  readonly allowed: Values;
  readonly denied: Values;
  readonly required: readonly string[];
  readonly minWrap: number;
  readonly maxWrap: number;
  readonly page: number;
}

interface Question {
  readonly capability: Capability;
  readonly given: ReadonlyMap<string, Value>;
  readonly wrap: number | undefined;
}

const names = ['ttl', 'Type', 'key', 'limit'];
const values: readonly Value[] = [
  'x',
  'xy',
  'yx',
  'yxy',
  '*',
  'x*',
  '*x',
  '*x*',
  '',
  '5',
  5,
  50,
  true,
  'true',
  ['x'],
  ['x', 'y'],
  [],
];
const given: readonly Value[] = [
  'x',
  'xy',
  'yx',
  'zxz',
  '',
  '*',
  5,
  '5',
  50,
  -1,
  true,
  'true',
  'max',
  ['x'],
  ['x', 'y'],
  [],
];

const some = <T>(dice: Dice, from: readonly T[], most: number): readonly T[] =>
  Array.from({ length: dice.below(most + 1) }, () => dice.pick(from));

const valuesOf = (dice: Dice): Values =>
  dice.chance(2) ? new Map() : new Map(some(dice, [...names, '*'], 3).map(name => [name, some(dice, values, 2)]));

const stanzaOf = (dice: Dice): Stanza => {
  const minWrap = dice.chance(4) ? dice.pick([10, 60]) : 0;
  return {
    names: some(dice, capabilities, 7),
    deny: dice.chance(12),
    allowed: valuesOf(dice),
    denied: valuesOf(dice),
    required: dice.chance(3) ? some(dice, names, 2) : [],
    minWrap,
    maxWrap: dice.chance(4) ? minWrap + dice.pick([5, 100]) : 0,
    page: dice.chance(3) ? dice.pick([5, 10]) : 0,
  };
};

const questionOf = (dice: Dice): Question => ({
  capability: dice.pick(capabilities),
  given: new Map(some(dice, [...names, 'TTL', 'other'], 3).map(name => [name, dice.pick(given)])),
  wrap: dice.chance(2) ? undefined : dice.pick([5, 15, 60, 70, 200]),
});

const quoted = (all: readonly unknown[]): string => JSON.stringify(all);
const block = (name: string, all: Values): string =>
  all.size === 0 ? '' : `${name} = { ${[...all].map(([key, list]) => `"${key}" = ${quoted(list)}`).join('\n')} }`;
const textOf = (stanza: Stanza): string => `path "${path}" {
capabilities = ${quoted(stanza.deny ? ['deny'] : stanza.names)}
${block('allowed_parameters', stanza.allowed)}
${block('denied_parameters', stanza.denied)}
${stanza.required.length === 0 ? '' : `required_parameters = ${quoted(stanza.required)}`}
${stanza.minWrap === 0 ? '' : `min_wrapping_ttl = ${stanza.minWrap}`}
${stanza.maxWrap === 0 ? '' : `max_wrapping_ttl = ${stanza.maxWrap}`}
${stanza.page === 0 ? '' : `pagination_limit = ${stanza.page}`}
}`;

/** Scalars are told by their text; a list only equals a list. */
const equal = (wanted: Value, got: Value): boolean => {
  if (typeof wanted === 'object' || typeof got === 'object') return JSON.stringify(wanted) === JSON.stringify(got);
  const [want, have] = [String(wanted), String(got)];
  if (want.length < 2) return want === have;
  if (want.startsWith('*') && want.endsWith('*')) return have.includes(want.slice(1, -1));
  if (want.startsWith('*')) return have.endsWith(want.slice(1));
  if (want.endsWith('*')) return have.startsWith(want.slice(0, -1));
  return want === have;
};

/** What all stanzas together say under one name: nothing, any value, or these. */
const together = (all: readonly Values[], name: string): readonly Value[] | 'any' | undefined => {
  const lists = all.flatMap(one => [...one].filter(([key]) => key.toLowerCase() === name).map(([, list]) => list));
  if (lists.length === 0) return undefined;
  return lists.some(list => list.length === 0) ? 'any' : lists.flat();
};

const parameterPasses = (stanzas: readonly Stanza[], name: string, got: Value): boolean => {
  const denied = stanzas.map(one => one.denied);
  const allowed = stanzas.map(one => one.allowed).filter(one => one.size > 0);
  if (together(denied, '*') !== undefined) return false;
  const unwanted = together(denied, name);
  if (unwanted === 'any') return false;
  const inside: readonly Value[] = typeof got === 'object' ? [got, ...got] : [got];
  if (unwanted?.some(one => one === '*' || inside.some(value => equal(one, value))) === true) return false;
  if (allowed.length === 0) return true;
  const wanted = together(allowed, name);
  if (wanted === undefined) return together(allowed, '*') !== undefined;
  return wanted === 'any' || wanted.some(one => equal(one, got));
};

const smallest = (all: readonly number[]): number => Math.min(...all.filter(one => one > 0), Number.POSITIVE_INFINITY);

const wrapPasses = (stanzas: readonly Stanza[], wrap: number | undefined): boolean => {
  const least = smallest(stanzas.map(one => one.minWrap));
  const most = smallest(stanzas.map(one => one.maxWrap));
  if (least === Number.POSITIVE_INFINITY && most === Number.POSITIVE_INFINITY) return true;
  return wrap !== undefined && (least === Number.POSITIVE_INFINITY || wrap >= least) && wrap <= most;
};

const pagePasses = (stanzas: readonly Stanza[], limit: Value | undefined): boolean => {
  if (limit === undefined) return !stanzas.some(one => one.required.includes('limit'));
  const most = smallest(stanzas.map(one => one.page));
  if (most === Number.POSITIVE_INFINITY || limit === 'max') return true;
  const isNumber = (typeof limit === 'number' || typeof limit === 'string') && /^[0-9]+$/.test(String(limit));
  return isNumber && Number(limit) <= most;
};

const allows = (stanzas: readonly Stanza[], { capability, given: sent, wrap }: Question): boolean => {
  if (stanzas.some(one => one.deny) || !stanzas.some(one => one.names.includes(capability))) return false;
  if (!wrapPasses(stanzas, wrap)) return false;
  const named = [...sent].map(([name, value]) => [name.toLowerCase(), value] as const);
  if (capability === 'delete') return true;
  if (capability === 'list' || capability === 'scan')
    return pagePasses(stanzas, named.find(([name]) => name === 'limit')?.[1]);
  const required = stanzas.flatMap(one => one.required.map(name => name.toLowerCase()));
  if (!required.every(name => named.some(([one]) => one === name))) return false;
  return named.every(([name, value]) => parameterPasses(stanzas, name, value));
};

test(`constraints of parameters, wrapping and pages hold as they are told (seed ${seed})`, () => {
  const dice = seededDice(seed);
  const counted = { allowed: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const stanzas = Array.from({ length: 1 + dice.below(3) }, () => stanzaOf(dice));
    const acl = new Acl({
      policies: stanzas.map((stanza, index) => parsePolicy(`p${index}`, textOf(stanza))),
      clock: { now: () => 0 },
    });
    for (let at = 0; at < questionsPerRound; at++) {
      const question = questionOf(dice);
      const want = allows(stanzas, question);
      if (want) counted.allowed++;
      else counted.refused++;
      const { capability, wrap: wrapTtlSeconds } = question;
      const parameters = new Map([...question.given].map(([name, value]) => [name, fromUnknown(value)]));
      const { allowed } = acl.decide({ path, capability, parameters, wrapTtlSeconds });
      const shown = `seed ${seed}: ${capability} ${JSON.stringify([...question.given])} wrap ${wrapTtlSeconds}`;
      assert.equal(allowed, want, `${shown}\n${stanzas.map(textOf).join('\n')}`);
    }
  }
  assert.ok(counted.allowed > rounds / 2 && counted.refused > rounds / 2, JSON.stringify(counted));
});

test(`a second policy that denies never allows more, whatever else it says of parameters (seed ${seed})`, () => {
  const dice = seededDice(seed + 1);
  for (let round = 0; round < rounds; round++) {
    const stanzas = [stanzaOf(dice), { ...stanzaOf(dice), deny: true }];
    const acl = new Acl({
      policies: stanzas.map((stanza, index) => parsePolicy(`p${index}`, textOf(stanza))),
      clock: { now: () => 0 },
    });
    const { capability, given: sent, wrap: wrapTtlSeconds } = questionOf(dice);
    const parameters = new Map([...sent].map(([name, value]) => [name, fromUnknown(value)]));
    assert.equal(acl.decide({ path, capability, parameters, wrapTtlSeconds }).allowed, false, `seed ${seed}`);
  }
});
