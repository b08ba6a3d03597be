/** A token in the words of the wire: the `auth` member of an answer, and the data of a lookup. */
import type { Out } from '@coffer/schema/out.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Token } from './token.ts';
import { workloadAnswer } from './token.ts';
import { isOrphan, secondsLeft, spent } from './token.ts';

type Members = { readonly [name: string]: Out };

/** `text` is undefined where the caller named the token by its accessor. */
export const authAnswer = (token: Token, text: string | undefined, nowSeconds: number): Members => ({
  client_token: text === undefined ? '' : Secret.of(text),
  accessor: token.accessor,
  policies: token.policies,
  token_policies: token.policies,
  metadata: token.meta ?? null,
  lease_duration: secondsLeft(token, nowSeconds),
  renewable: token.renewable,
  entity_id: token.entityId,
  token_type: token.type,
  orphan: isOrphan(token),
  mfa_requirement: null,
  num_uses: Math.max(0, token.usesLeft),
  ...(token.workload === undefined ? {} : { workload: workloadAnswer(token.workload) }),
});

const date = (seconds: number): Date => new Date(seconds * 1000);

const renewed = (token: Token): Members =>
  token.lastRenewedAtSeconds === 0
    ? {}
    : { last_renewal: date(token.lastRenewedAtSeconds), last_renewal_time: token.lastRenewedAtSeconds };

export const lookupAnswer = (token: Token, text: string | undefined, nowSeconds: number): Members => ({
  accessor: token.accessor,
  creation_time: token.createdAtSeconds,
  creation_ttl: token.creationTtlSeconds,
  display_name: token.displayName,
  entity_id: token.entityId,
  expire_time: token.expiresAtSeconds === 0 ? null : date(token.expiresAtSeconds),
  explicit_max_ttl: token.explicitMaxTtlSeconds,
  id: text === undefined ? '' : Secret.of(text),
  issue_time: date(token.createdAtSeconds),
  meta: token.meta ?? null,
  num_uses: token.usesLeft === spent ? 0 : token.usesLeft,
  orphan: isOrphan(token),
  path: token.path,
  policies: token.policies,
  renewable: token.renewable,
  ttl: secondsLeft(token, nowSeconds),
  type: token.type,
  ...(token.periodSeconds === 0 ? {} : { period: token.periodSeconds }),
  ...(token.role === '' ? {} : { role: token.role }),
  ...(token.workload === undefined ? {} : { workload: workloadAnswer(token.workload) }),
  ...(token.boundCidrs.length === 0 ? {} : { bound_cidrs: token.boundCidrs }),
  ...renewed(token),
});
