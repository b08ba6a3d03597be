/** Renewal: more time, within what the token, its period and the mount allow. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Core } from '../request/core.ts';
import { loginTtl } from '../logins/draft.ts';
import { loginLimits } from '../logins/renew.ts';
import { tokenTtl } from './mount-ttl.ts';
import type { Token } from './token.ts';
import { grantTtl, type TtlRequest } from './ttl.ts';

export interface Renewed {
  readonly token: Token;
  readonly warnings: readonly string[];
}

export const batchNotRenewed = 'batch tokens cannot be renewed';

export const renewToken = async (core: Core, token: Token, incrementSeconds: number): Promise<Renewed> => {
  if (token.type === 'batch') throw new CofferError('invalid_request', batchNotRenewed);
  if (!token.renewable) throw new CofferError('invalid_request', 'lease is not renewable');
  const now = core.tokens.nowSeconds();
  const login = await loginLimits(core, token);
  const askedSeconds = Math.max(0, incrementSeconds);
  let warnings: readonly string[] = [];
  const renewed = await core.tokens.update(token.accessor, current => {
    const periodSeconds = login?.rules.periodSeconds ?? current.periodSeconds;
    const grant =
      login === undefined
        ? grantTtl(ownTtl(core, current, { nowSeconds: now, askedSeconds }))
        : loginTtl(
            { ...login.rules, explicitMaxTtlSeconds: current.explicitMaxTtlSeconds },
            { nowSeconds: now, createdAtSeconds: current.createdAtSeconds, askedSeconds, ttl: login.ttl },
          );
    // A maximum that was lowered since must not make of a renewal the end of the token.
    if (grant.ttlSeconds === 0) throw new CofferError('invalid_request', 'past the max TTL, cannot renew');
    warnings = grant.warnings;
    return { ...current, periodSeconds, expiresAtSeconds: now + grant.ttlSeconds, lastRenewedAtSeconds: now };
  });
  if (renewed === undefined) throw new CofferError('bad_token', 'bad token');
  core.tally.add('token renewed');
  return { token: renewed, warnings };
};

/** Of a token that no auth method vouched for. */
const ownTtl = (core: Core, token: Token, asked: Pick<TtlRequest, 'nowSeconds' | 'askedSeconds'>): TtlRequest => {
  const { defaultTtlSeconds, maxTtlSeconds } = tokenTtl(core);
  return {
    ...asked,
    createdAtSeconds: token.createdAtSeconds,
    periodSeconds: token.periodSeconds,
    explicitMaxTtlSeconds: token.explicitMaxTtlSeconds,
    defaultTtlSeconds: token.creationTtlSeconds > 0 ? token.creationTtlSeconds : defaultTtlSeconds,
    maxTtlSeconds,
  };
};
