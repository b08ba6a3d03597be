/**
 * The one authoriser: what all policies of a token together say of a path. Everything is compiled once; a decision is a
 * look-up in the exact paths, then in the trie. What no rule names is refused.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import { rootPolicy } from './builtin.ts';
import { type Capability, capabilityBits, capabilityNames } from './capability.ts';
import { compileRules, exactRule, type Rules } from './rules.ts';
import { type Asked, refusedByLimits } from './limits.ts';
import type { Policy } from './policy.ts';
import { reachesUnder } from './reach.ts';
import { type Decision, granted, refused, type Rule } from './rule.ts';
import { noTemplates, type TemplateLookup } from './template.ts';

export interface Question extends Asked {
  readonly path: string;
}

export interface AclInput {
  readonly policies: readonly Policy[];
  readonly clock: Pick<Clock, 'now'>;
  readonly lookup?: TemplateLookup;
}

/** What `sys/internal/ui/resultant-acl` tells. */
export interface Resultant {
  readonly root: boolean;
  readonly exactPaths: ReadonlyMap<string, readonly string[]>;
  /** Prefixes without their `*`; patterns with `+` as they stand. */
  readonly globPaths: ReadonlyMap<string, readonly string[]>;
}

const rootDecision = granted({ granting: [rootPolicy.name] });
const noRule = refused('no-rule');

const isListing = (capability: Capability): boolean => capability === 'list' || capability === 'scan';
const withSlash = (path: string): string => (path === '' || path.endsWith('/') ? path : `${path}/`);
const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path);

/** `root` is the built-in policy itself and stands alone: no text, however it is named, becomes root (S1). */
const isRoot = (policies: readonly Policy[]): boolean => {
  const root = policies.includes(rootPolicy);
  if (policies.some(policy => policy !== rootPolicy && (root || policy.name === rootPolicy.name))) {
    throw new CofferError('internal', 'the root policy cannot be combined or defined');
  }
  return root;
};

export class Acl {
  readonly #input: AclInput;
  readonly isRoot: boolean;
  #compiled: Rules;

  constructor(input: AclInput) {
    this.#input = input;
    this.isRoot = isRoot(input.policies);
    this.#compiled = this.#compile();
  }

  #compile(): Rules {
    const { policies, clock, lookup = noTemplates } = this.#input;
    return compileRules({ policies, lookup, nowMs: clock.now() });
  }

  /** Compiled anew once a rule has expired. */
  get #rules(): Rules {
    const { staleAtMs } = this.#compiled;
    if (staleAtMs !== Number.POSITIVE_INFINITY && this.#input.clock.now() >= staleAtMs)
      this.#compiled = this.#compile();
    return this.#compiled;
  }

  decide(question: Question): Decision {
    if (this.isRoot) return rootDecision;
    const rule = this.#ruleFor(question.path, question.capability);
    if (rule === undefined) return noRule;
    const decision = rule.byCapability(question.capability);
    const broken = decision.allowed ? refusedByLimits(rule.limits, question) : undefined;
    if (broken === undefined) return decision;
    return refused(broken.refusal, { rule: rule.pattern.text, parameter: broken.parameter });
  }

  /** May an event of this type be told, that happened at this path? It takes `list` and `subscribe` there. */
  hears({ path, type }: { readonly path: string; readonly type: string }): boolean {
    if (this.isRoot) return true;
    const allows = (capability: Capability): boolean => this.decide({ path, capability }).allowed;
    return allows('subscribe') && allows('list') && this.#ruleFor(path, 'subscribe')?.coversEvents(type) === true;
  }

  #ruleFor(path: string, capability: Capability): Rule | undefined {
    if (isListing(capability)) return this.#forListing(withSlash(path));
    const rules = this.#rules;
    const rule = exactRule(rules, path) ?? rules.others.find(path);
    return path.endsWith('/') ? (this.#deniedWithoutSlash(path) ?? rule) : rule;
  }

  /** A denied path stays denied when a slash is put behind it. */
  #deniedWithoutSlash(path: string): Rule | undefined {
    const rules = this.#rules;
    const bare = withoutSlash(path);
    const rule = exactRule(rules, bare) ?? rules.others.find(bare);
    return rule?.mask === capabilityBits.deny ? rule : undefined;
  }

  /** Exactly, with the slash and without; then by pattern, where a denial without the slash is not lost. */
  #forListing(path: string): Rule | undefined {
    const rules = this.#rules;
    const { others } = rules;
    const bare = withoutSlash(path);
    const known = exactRule(rules, path) ?? exactRule(rules, bare);
    if (known !== undefined) return known;
    const [slashed, unslashed] = [others.find(path), others.find(bare)];
    if (slashed === undefined || unslashed === undefined) return slashed ?? unslashed;
    return unslashed.mask === capabilityBits.deny && unslashed.rank > slashed.rank ? unslashed : slashed;
  }

  /** Sorted names; `['root']` for root, `['deny']` where nothing is granted. */
  capabilities(path: string): string[] {
    if (this.isRoot) return ['root'];
    return capabilityNames(this.#forListing(path)?.mask ?? 0);
  }

  /** Is anything granted on a path that starts with `prefix`, such as a mount's path? */
  anyUnder(prefix: string): boolean {
    return this.isRoot || reachesUnder({ rules: this.#rules, prefix, own: this.#forListing(prefix) });
  }

  /** Every rule, as clients ask for it to draw their menus. */
  resultant(): Resultant {
    const exactPaths = new Map<string, readonly string[]>();
    const globPaths = new Map<string, readonly string[]>();
    for (const { pattern, mask } of this.isRoot ? [] : this.#rules.all) {
      const { text, isPrefix, wildcards } = pattern;
      if (isPrefix || wildcards > 0) globPaths.set(wildcards > 0 ? text : text.slice(0, -1), capabilityNames(mask));
      else exactPaths.set(text, capabilityNames(mask));
    }
    return { root: this.isRoot, exactPaths, globPaths };
  }
}

/** The keys of a list that the caller may see, where the rule that allowed the list filters them. */
export const visibleKeys = (
  acl: Acl,
  { decision, path, keys }: { decision: Decision; path: string; keys: readonly string[] },
): readonly string[] => {
  const { keysFilter } = decision;
  if (keysFilter === undefined) return keys;
  return keys.filter(key => {
    const checked = keysFilter(withSlash(path), key);
    return (
      checked !== undefined && acl.decide({ path: checked, capability: key.endsWith('/') ? 'list' : 'read' }).allowed
    );
  });
};
