/** Renewal: more time, within what the token, its period and the mount allow. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Core } from '../request/core.ts';
import { tokenTtl } from './mount-ttl.ts';
import type { Token } from './token.ts';
import { grantTtl } from './ttl.ts';

export interface Renewed {
  readonly token: Token;
  readonly warnings: readonly string[];
}

export const batchNotRenewed = 'batch tokens cannot be renewed';

export const renewToken = async (core: Core, token: Token, incrementSeconds: number): Promise<Renewed> => {
  if (token.type === 'batch') throw new CofferError('invalid_request', batchNotRenewed);
  if (!token.renewable) throw new CofferError('invalid_request', 'lease is not renewable');
  const now = core.tokens.nowSeconds();
  const { defaultTtlSeconds, maxTtlSeconds } = tokenTtl(core);
  let warnings: readonly string[] = [];
  const renewed = await core.tokens.update(token.accessor, current => {
    const grant = grantTtl({
      nowSeconds: now,
      createdAtSeconds: current.createdAtSeconds,
      askedSeconds: Math.max(0, incrementSeconds),
      periodSeconds: current.periodSeconds,
      explicitMaxTtlSeconds: current.explicitMaxTtlSeconds,
      defaultTtlSeconds: current.creationTtlSeconds > 0 ? current.creationTtlSeconds : defaultTtlSeconds,
      maxTtlSeconds,
    });
    // A maximum that was lowered since must not make of a renewal the end of the token.
    if (grant.ttlSeconds === 0) throw new CofferError('invalid_request', 'past the max TTL, cannot renew');
    warnings = grant.warnings;
    return { ...current, expiresAtSeconds: now + grant.ttlSeconds, lastRenewedAtSeconds: now };
  });
  if (renewed === undefined) throw new CofferError('bad_token', 'bad token');
  core.tally.add('token renewed');
  return { token: renewed, warnings };
};
