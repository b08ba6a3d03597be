/** What a token that came of a login may be renewed to: its auth method is asked again, and the mount's times hold. */
import type { TokenRules } from '@coffer/schema/auth-request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { effectiveTtl, type SystemTtl } from '../mounts/lease-times.ts';
import type { Core } from '../request/core.ts';
import type { Token } from '../tokens/token.ts';

export interface LoginLimits {
  readonly rules: Pick<TokenRules, 'ttlSeconds' | 'maxTtlSeconds' | 'periodSeconds'>;
  readonly ttl: SystemTtl;
}

/** Undefined where no auth method vouched for the token. Throws where its method does not any more. */
export const loginLimits = async (core: Core, token: Token): Promise<LoginLimits | undefined> => {
  if (token.mountId === undefined) return undefined;
  const mount = core.mounts.byId(token.mountId);
  if (mount === undefined) throw new CofferError('invalid_request', 'the auth method of the token is disabled');
  const ttl = effectiveTtl(mount.record.config, core.ttl);
  const asked = await mount.renewLogin?.(token.renewal ?? new Map());
  return { rules: asked ?? asMade(token), ttl };
};

const asMade = (token: Token): LoginLimits['rules'] => ({
  ttlSeconds: token.creationTtlSeconds,
  maxTtlSeconds: token.maxTtlSeconds ?? 0,
  periodSeconds: token.periodSeconds,
});
