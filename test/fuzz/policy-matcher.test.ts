/**
 * The compiled access list against a matcher that is slow and plain: it looks at every rule in turn, and states the rules
 * of the language as they are told. The seed is printed on failure; `COFFER_FUZZ_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capability } from '../../packages/server/src/core/policies/capability.ts';
import { Acl } from '../../packages/server/src/core/policies/acl.ts';
import { parsePolicy } from '../../packages/server/src/core/policies/parse.ts';

const rounds = 3000;
const questionsPerRound = 12;
const seed = Number(process.env['COFFER_FUZZ_SEED'] ?? '20261121');
const operations: readonly Capability[] = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan', 'sudo'];

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
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

interface PlainRule {
  readonly path: string;
  readonly names: readonly string[];
}

const segment = (): string => pick(['a', 'b', 'ab', 'abc', '+', '+', '']);
const somePattern = (): string => {
  const body = times(1 + choose(4), segment).join('/');
  const path = choose(3) === 0 ? `${body}*` : body;
  return path.includes('+*') ? path.replaceAll('+*', 'a*') : path;
};
const somePath = (): string => times(1 + choose(4), () => pick(['a', 'b', 'ab', 'abc', 'abcd', '+', ''])).join('/');
const someRule = (): PlainRule => ({
  path: somePattern(),
  names: choose(5) === 0 ? ['deny'] : times(2 + choose(6), () => pick(operations)),
});

/** Does this one pattern match this path? */
const matches = (pattern: string, path: string): boolean => {
  const isPrefix = pattern.endsWith('*');
  const wanted = (isPrefix ? pattern.slice(0, -1) : pattern).split('/');
  const given = path.split('/');
  if (isPrefix ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((part, index) => {
    const last = isPrefix && index === wanted.length - 1;
    if (last) return (given[index] as string).startsWith(part);
    return part === '+' || part === given[index];
  });
};

const isExact = (pattern: string): boolean => !pattern.endsWith('*') && !pattern.split('/').includes('+');
const body = (pattern: string): string => (pattern.endsWith('*') ? pattern.slice(0, -1) : pattern);
const wildcardAt = (pattern: string): number => {
  let offset = 0;
  for (const part of body(pattern).split('/')) {
    if (part === '+') return offset;
    offset += part.length + 1;
  }
  return body(pattern).length;
};
const pluses = (pattern: string): number =>
  body(pattern)
    .split('/')
    .filter(part => part === '+').length;

/** Does `a` lose against `b`? One sentence of the language after the other. */
const loses = (a: string, b: string): boolean => {
  if (wildcardAt(a) !== wildcardAt(b)) return wildcardAt(a) < wildcardAt(b);
  if (a.endsWith('*') !== b.endsWith('*')) return a.endsWith('*');
  if (pluses(a) !== pluses(b)) return pluses(a) > pluses(b);
  if (body(a).length !== body(b).length) return body(a).length < body(b).length;
  return a < b;
};

const normal = (pattern: string): string => (pattern.startsWith('/') ? pattern.slice(1) : pattern);
const namesFor = (rules: readonly PlainRule[], pattern: string): Set<string> =>
  new Set(rules.filter(rule => normal(rule.path) === pattern).flatMap(rule => rule.names));
const isDenied = (rules: readonly PlainRule[], pattern: string | undefined): boolean =>
  pattern !== undefined && namesFor(rules, pattern).has('deny');

const best = (patterns: readonly string[], path: string): string | undefined =>
  patterns
    .filter(pattern => !isExact(pattern) && matches(pattern, path))
    .reduce<string | undefined>(
      (winner, one) => (winner === undefined || loses(winner, one) ? one : winner),
      undefined,
    );

const applying = (rules: readonly PlainRule[], path: string, listing: boolean): string | undefined => {
  const patterns = [...new Set(rules.map(rule => normal(rule.path)))];
  const exactly = (one: string): string | undefined => (patterns.includes(one) && isExact(one) ? one : undefined);
  const bare = path.endsWith('/') ? path.slice(0, -1) : path;
  const without = exactly(bare) ?? best(patterns, bare);
  if (!listing) {
    const own = exactly(path) ?? best(patterns, path);
    return path.endsWith('/') && isDenied(rules, without) ? without : own;
  }
  const exact = exactly(path) ?? exactly(bare);
  if (exact !== undefined) return exact;
  const own = best(patterns, path);
  const other = best(patterns, bare);
  if (own === undefined || other === undefined) return own ?? other;
  return isDenied(rules, other) && loses(own, other) ? other : own;
};

const allows = (rules: readonly PlainRule[], path: string, capability: Capability): boolean => {
  const listing = capability === 'list' || capability === 'scan';
  const asked = listing && path !== '' && !path.endsWith('/') ? `${path}/` : path;
  const pattern = applying(rules, asked, listing);
  if (pattern === undefined) return false;
  const names = namesFor(rules, pattern);
  return !names.has('deny') && names.has(capability);
};

const textOf = (rules: readonly PlainRule[]): string =>
  rules
    .map(({ path, names }) => `path "${path}" { capabilities = [${names.map(name => `"${name}"`).join(', ')}] }`)
    .join('\n');

test(`the access list decides as the plain matcher does (seed ${seed})`, () => {
  let allowed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const policies = times(1 + choose(3), () => times(1 + choose(5), someRule));
    const acl = new Acl({
      policies: policies.map((rules, index) => parsePolicy(`p${index}`, textOf(rules))),
      clock: { now: () => 0 },
    });
    const rules = policies.flat();
    for (let question = 0; question < questionsPerRound; question += 1) {
      const path = somePath();
      const capability = pick(operations);
      const want = allows(rules, path, capability);
      allowed += Number(want);
      assert.equal(
        acl.decide({ path, capability }).allowed,
        want,
        `seed ${seed}: ${capability} ${path}\n${textOf(rules)}`,
      );
    }
  }
  assert.ok(allowed > rounds, 'the questions must find enough grants to mean something');
});

test(`S6: one more deny never allows more, and a denied pattern allows nothing (seed ${seed})`, () => {
  for (let round = 0; round < rounds; round += 1) {
    const rules = times(1 + choose(6), someRule);
    const target = pick(rules);
    const acl = new Acl({
      policies: [parsePolicy('a', textOf(rules)), parsePolicy('b', textOf([{ path: target.path, names: ['deny'] }]))],
      clock: { now: () => 0 },
    });
    const path = somePath();
    for (const capability of operations) {
      const decision = acl.decide({ path, capability });
      if (decision.rule === normal(target.path)) assert.equal(decision.allowed, false, `seed ${seed}`);
      if (decision.allowed)
        assert.equal(allows(rules, path, capability), true, `seed ${seed}: ${path}\n${textOf(rules)}`);
    }
  }
});
