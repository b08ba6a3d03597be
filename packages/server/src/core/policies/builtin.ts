/** The policies every store has: `root`, which has no text, and the first texts of the others. */
import type { Policy } from './policy.ts';

/** Allows everything. Only this very object is root; it has no rules, so that it grants nothing anywhere else. */
export const rootPolicy: Policy = Object.freeze({ name: 'root', rules: Object.freeze([]) });

export const defaultPolicyName = 'default';
export const wrappingPolicyName = 'response-wrapping';

/** May stand in a list of policies that somebody writes. */
export const isAssignable = (name: string): boolean => name !== wrappingPolicyName;

export const defaultPolicyText = `# What every token may do unless it was made without this policy.

# Look at itself, keep itself alive, end itself.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}

# Ask what it may do.
path "sys/capabilities-self" {
  capabilities = ["update"]
}
path "sys/internal/ui/resultant-acl" {
  capabilities = ["read"]
}

# Read the entity it stands for.
path "identity/entity/id/{{identity.entity.id}}" {
  capabilities = ["read"]
}
path "identity/entity/name/{{identity.entity.name}}" {
  capabilities = ["read"]
}

# Renew and look up its leases, by their ids.
path "sys/leases/renew" {
  capabilities = ["update"]
}
path "sys/renew" {
  capabilities = ["update"]
}
path "sys/leases/lookup" {
  capabilities = ["update"]
}

# Its own cubbyhole.
path "cubbyhole/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}

# Wrap answers, look at wrapping tokens, unwrap them.
path "sys/wrapping/wrap" {
  capabilities = ["update"]
}
path "sys/wrapping/lookup" {
  capabilities = ["update"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}

# Hash what it holds.
path "sys/tools/hash" {
  capabilities = ["update"]
}
path "sys/tools/hash/*" {
  capabilities = ["update"]
}

# Ask whether a request that needs approval has got it.
path "sys/control-group/request" {
  capabilities = ["update"]
}

# Log in to applications that use this store as their OpenID Connect provider.
path "identity/oidc/provider/+/authorize" {
  capabilities = ["read", "update"]
}
`;

/** Held by wrapping tokens alone; not shown, not given. */
export const responseWrappingPolicyText = `path "cubbyhole/response" {
  capabilities = ["create", "read"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}
`;
