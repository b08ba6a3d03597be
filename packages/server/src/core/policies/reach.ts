/** Does a token reach anything under a prefix? Asked by the lists of mounts, which show only what a token can use. */
import { capabilityBits } from './capability.ts';
import type { Rules } from './rules.ts';
import type { Pattern } from './pattern.ts';
import type { Rule } from './rule.ts';

export interface Reach {
  readonly rules: Rules;
  /** With its trailing slash. */
  readonly prefix: string;
  /** The rule that applies to the prefix as a path. */
  readonly own: Rule | undefined;
}

const grants = (rule: Rule): boolean => rule.mask !== 0 && rule.mask !== capabilityBits.deny;

/** Can the pattern match a path that starts with the segments? */
const meets = (pattern: Pattern, segments: readonly string[]): boolean => {
  const { segments: own, isPrefix } = pattern;
  const last = own.length - 1;
  return segments.every((segment, index) => {
    if (index > last) return isPrefix;
    const part = own[index] ?? '';
    return part === '+' || part === segment || (isPrefix && index === last && segment.startsWith(part));
  });
};

const meetsText = (pattern: Pattern, prefix: string): boolean => {
  if (pattern.wildcards === 0) return pattern.text.startsWith(prefix);
  const segments = prefix.split('/').slice(0, -1);
  return (pattern.segments.length > segments.length || pattern.isPrefix) && meets(pattern, segments);
};

/** True where the rule that covers the whole prefix denies it, and applies rather than `rule`. */
const shadowed = (rule: Rule, { own, prefix }: Reach): boolean =>
  own?.mask === capabilityBits.deny &&
  own.pattern.isPrefix &&
  own.rank > rule.rank &&
  rule.pattern.wildcards > 0 &&
  !rule.pattern.text.startsWith(prefix);

export const reachesUnder = (reach: Reach): boolean => {
  if (reach.own !== undefined && grants(reach.own)) return true;
  return reach.rules.all.some(rule => grants(rule) && meetsText(rule.pattern, reach.prefix) && !shadowed(rule, reach));
};
