/** A token role: what tokens made through it may be. */
import { CofferError } from '@coffer/schema/errors.ts';
import { globMatches } from '@coffer/schema/glob.ts';

export interface TokenRole {
  readonly name: string;
  readonly allowedPolicies: readonly string[];
  readonly disallowedPolicies: readonly string[];
  readonly allowedPoliciesGlob: readonly string[];
  readonly disallowedPoliciesGlob: readonly string[];
  readonly allowedEntityAliases: readonly string[];
  readonly orphan: boolean;
  readonly renewable: boolean;
  readonly pathSuffix: string;
  readonly boundCidrs: readonly string[];
  /** Its tokens work only from the address that asked for them. */
  readonly strictlyBindIp?: boolean;
  readonly explicitMaxTtlSeconds: number;
  readonly noDefaultPolicy: boolean;
  readonly numUses: number;
  readonly periodSeconds: number;
  readonly tokenType: string;
}

const anyGlob = (globs: readonly string[], name: string): boolean => globs.some(glob => globMatches(glob, name));

/** Named among those its tokens may not have. */
export const isBarred = (role: TokenRole, name: string): boolean =>
  role.disallowedPolicies.includes(name) || anyGlob(role.disallowedPoliciesGlob, name);

/** The policies a token gets under this role, without `default`. Throws `invalid_request`. */
export const policiesUnderRole = (
  role: TokenRole,
  asked: readonly string[],
  parents: readonly string[],
): readonly string[] => {
  const limited = role.allowedPolicies.length > 0 || role.allowedPoliciesGlob.length > 0;
  const wanted =
    asked.length > 0 ? asked : role.allowedPolicies.length > 0 ? role.allowedPolicies : limited ? [] : parents;
  const allowed = (name: string): boolean =>
    name === 'default' || role.allowedPolicies.includes(name) || anyGlob(role.allowedPoliciesGlob, name);
  if (limited && !wanted.every(allowed)) {
    throw new CofferError(
      'invalid_request',
      `token policies (${quoted(wanted)}) must be subset of the role's allowed policies (${quoted(role.allowedPolicies)}) or glob policies (${quoted(role.allowedPoliciesGlob)})`,
    );
  }
  // `default` that came along with the parent's is left out; asked for by name it is refused.
  const kept = asked.length > 0 ? wanted : wanted.filter(name => name !== 'default' || !isBarred(role, name));
  const bad = kept.find(name => isBarred(role, name));
  if (bad !== undefined) throw new CofferError('invalid_request', `token policy "${bad}" is disallowed by this role`);
  // A role that names no policies adds none beyond the parent's.
  if (!limited) {
    const beyond = kept.filter(name => name !== 'default' && !parents.includes(name) && !parents.includes('root'));
    if (beyond.length > 0) throw new CofferError('invalid_request', 'child policies must be subset of parent');
  }
  return [...kept];
};

const quoted = (names: readonly string[]): string => `[${names.map(name => JSON.stringify(name)).join(' ')}]`;
