/** One pattern with everything that all policies say of it together. Decisions that depend on nothing else are kept. */
import { type Capability, capabilityBits, settled } from './capability.ts';
import { matchesGlob } from './glob.ts';
import type { KeysFilter } from './keys-filter.ts';
import { mergedValues } from './parameters.ts';
import type { Pattern } from './pattern.ts';
import { type Limits, noLimits, type PolicyRule } from './policy.ts';

export type Refusal = 'no-rule' | 'denied' | 'capability' | 'parameter' | 'wrapping' | 'pagination';

export interface Decision {
  readonly allowed: boolean;
  /** The policies that grant it. */
  readonly granting: readonly string[];
  readonly refusal: Refusal | undefined;
  /** The pattern that decided. */
  readonly rule: string | undefined;
  /** The parameter that was missing or refused. */
  readonly parameter: string | undefined;
  /** Most keys this list may answer with; 0 for no limit. */
  readonly paginationLimit: number;
  readonly keysFilter: KeysFilter | undefined;
}

const undecided = {
  granting: [],
  refusal: undefined,
  rule: undefined,
  parameter: undefined,
  paginationLimit: 0,
  keysFilter: undefined,
};
export const granted = (decision: Partial<Decision>): Decision =>
  Object.freeze({ ...undecided, ...decision, allowed: true });
export const refused = (refusal: Refusal, decision: Partial<Decision> = {}): Decision =>
  Object.freeze({ ...undecided, ...decision, refusal, allowed: false });

interface Grant {
  readonly policy: string;
  readonly mask: number;
}

const least = (a: number, b: number): number => (a === 0 || b === 0 ? a + b : Math.min(a, b));

const mergedLimits = (a: Limits, b: Limits): Limits => {
  if (b === noLimits) return a;
  if (a === noLimits) return b;
  return Object.freeze({
    required: [...new Set([...a.required, ...b.required])],
    allowed: mergedValues(a.allowed, b.allowed),
    denied: mergedValues(a.denied, b.denied),
    minWrapSeconds: least(a.minWrapSeconds, b.minWrapSeconds),
    maxWrapSeconds: least(a.maxWrapSeconds, b.maxWrapSeconds),
    paginationLimit: least(a.paginationLimit, b.paginationLimit),
    keysFilter: a.keysFilter ?? b.keysFilter,
  });
};

export class Rule {
  readonly pattern: Pattern;
  /** Place among all patterns that are not exact; the highest that matches applies. */
  rank = 0;
  mask = 0;
  limits: Limits = noLimits;
  /** Patterns of the types of events that `subscribe` covers. */
  readonly #eventTypes: string[] = [];
  readonly #grants: Grant[] = [];
  readonly #decisions = new Map<Capability, Decision>();

  constructor(pattern: Pattern) {
    this.pattern = pattern;
  }

  /** Adds what one policy says of this pattern. `deny` wins over everything before and after it. */
  add(policy: string, rule: PolicyRule): void {
    this.mask = settled(this.mask | rule.mask);
    this.limits = this.mask === capabilityBits.deny ? noLimits : mergedLimits(this.limits, rule.limits);
    this.#grants.push({ policy, mask: rule.mask });
    if ((rule.mask & capabilityBits.subscribe) !== 0) this.#eventTypes.push(...rule.subscribeEventTypes);
  }

  /** By capability alone, limits not looked at. */
  byCapability(capability: Capability): Decision {
    const known = this.#decisions.get(capability);
    if (known !== undefined) return known;
    const decision = this.#decide(capability);
    this.#decisions.set(capability, decision);
    return decision;
  }

  /** Whether `subscribe`, where it is granted, covers events of this type. */
  coversEvents(type: string): boolean {
    return this.#eventTypes.some(pattern => matchesGlob(pattern, type));
  }

  #decide(capability: Capability): Decision {
    const rule = this.pattern.text;
    if (this.mask === capabilityBits.deny) return refused('denied', { rule });
    const bit = capabilityBits[capability];
    if ((this.mask & bit) === 0) return refused('capability', { rule });
    const granting = new Set(this.#grants.filter(grant => (grant.mask & bit) !== 0).map(grant => grant.policy));
    const { paginationLimit, keysFilter } = this.limits;
    const lists = capability === 'list' || capability === 'scan';
    return granted({ rule, granting: [...granting], ...(lists ? { paginationLimit, keysFilter } : {}) });
  }
}
