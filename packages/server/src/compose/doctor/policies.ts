/** What the policies of a token say of reading a path: judged by the same code that decides in the store. */
import { Acl } from '../../core/policies/acl.ts';
import { parsePolicy } from '../../core/policies/parse.ts';
import type { Policy } from '../../core/policies/policy.ts';
import type { Refusal } from '../../core/policies/rule.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { JudgePolicies, PolicyWord } from '../../kubernetes/doctor/evidence.ts';

const kinds: { readonly [R in Refusal]: PolicyWord['kind'] } = {
  denied: 'denies',
  capability: 'lacks',
  parameter: 'lacks',
  wrapping: 'lacks',
  pagination: 'lacks',
  'no-rule': 'silent',
};

export const judgePolicies =
  (clock: Pick<Clock, 'now'>): JudgePolicies =>
  (texts, path) => {
    const parsed = [...texts].map(([name, text]): Policy => parsePolicy(name, text));
    const decide = (policies: readonly Policy[]) => new Acl({ policies, clock }).decide({ path, capability: 'read' });
    const { allowed, granting, refusal = 'no-rule', rule = '' } = decide(parsed);
    if (allowed) return { kind: 'grants', rule, policies: granting };
    // Whoever says the same of it alone is who says it.
    const saying = parsed.filter(policy => decide([policy]).refusal === refusal);
    return { kind: kinds[refusal], rule, policies: saying.map(({ name }) => name) };
  };
