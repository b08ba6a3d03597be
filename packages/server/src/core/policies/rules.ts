/** Several policies as one set of rules: templates replaced, expired rules left out, equal patterns merged, order fixed. */
import { resolved, type TemplateLookup } from './template.ts';
import { compare, isExact, patternOf } from './pattern.ts';
import type { Policy, PolicyRule } from './policy.ts';
import { Rule } from './rule.ts';
import { Trie } from './trie.ts';

export interface Rules {
  readonly exact: ReadonlyMap<string, Rule>;
  /** Lengths of the exact texts. */
  readonly exactLengths: ReadonlySet<number>;
  readonly others: Trie;
  /** Every rule, exact ones first. */
  readonly all: readonly Rule[];
  /** From this time on some rule no longer holds; infinite where none expires. */
  readonly staleAtMs: number;
}

interface Held {
  readonly policy: string;
  readonly rule: PolicyRule;
  readonly expiresAtMs: number;
}

const never = Number.POSITIVE_INFINITY;

const heldRules = (policies: readonly Policy[]): Held[] =>
  policies.flatMap(policy =>
    policy.rules.map(rule => ({
      policy: policy.name,
      rule,
      expiresAtMs: rule.expiresAtMs ?? never,
    })),
  );

const merged = (held: readonly Held[], lookup: TemplateLookup): Map<string, Rule> => {
  const rules = new Map<string, Rule>();
  for (const { policy, rule } of held) {
    const text = resolved(rule.path, lookup);
    if (text === undefined) continue;
    const known = rules.get(text) ?? new Rule(patternOf(text));
    known.add(policy, rule);
    rules.set(text, known);
  }
  return rules;
};

export interface CompileInput {
  readonly policies: readonly Policy[];
  readonly lookup: TemplateLookup;
  readonly nowMs: number;
}

export const compileRules = ({ policies, lookup, nowMs }: CompileInput): Rules => {
  const held = heldRules(policies).filter(one => one.expiresAtMs > nowMs);
  const rules = [...merged(held, lookup).values()];
  const exact = rules.filter(rule => isExact(rule.pattern));
  const ranked = rules.filter(rule => !isExact(rule.pattern)).toSorted((a, b) => compare(a.pattern, b.pattern));
  const others = new Trie();
  for (const [rank, rule] of ranked.entries()) {
    rule.rank = rank;
    others.add(rule);
  }
  return {
    exact: new Map(exact.map(rule => [rule.pattern.text, rule])),
    exactLengths: new Set(exact.map(rule => rule.pattern.text.length)),
    others,
    all: [...exact, ...ranked],
    staleAtMs: held.reduce((least, one) => Math.min(least, one.expiresAtMs), never),
  };
};

/** A text just cut from a request is dear to look up: not where no rule is as long. */
export const exactRule = ({ exact, exactLengths }: Rules, path: string): Rule | undefined =>
  exactLengths.has(path.length) ? exact.get(path) : undefined;
