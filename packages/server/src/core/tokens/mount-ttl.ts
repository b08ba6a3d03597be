/** How long tokens live where nobody says more: what `auth/token/` was tuned to, else what the system says. */
import { effectiveTtl } from '../mounts/lease-times.ts';
import { plainMountConfig } from '../mounts/mount.ts';
import type { Core } from '../request/core.ts';
import type { TtlRequest } from './ttl.ts';

export const tokenTtl = ({ mounts, ttl }: Core): Pick<TtlRequest, 'defaultTtlSeconds' | 'maxTtlSeconds'> => {
  const { config } = mounts.at('auth', 'token/')?.record ?? { config: plainMountConfig };
  const { defaultLeaseSeconds, maxLeaseSeconds } = effectiveTtl(config, ttl);
  return { defaultTtlSeconds: defaultLeaseSeconds, maxTtlSeconds: maxLeaseSeconds };
};
