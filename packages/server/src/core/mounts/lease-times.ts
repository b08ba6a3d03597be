/** Lease times: what a mount says, and the system's where it says nothing. A default never lies above its maximum. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountConfig } from './mount.ts';

/** Lease times where a mount sets none. */
export interface SystemTtl {
  readonly defaultLeaseSeconds: number;
  readonly maxLeaseSeconds: number;
}

type Set = Pick<MountConfig, 'defaultLeaseSeconds' | 'maxLeaseSeconds'>;

/** A mount's own maximum may lie above the system's: whoever may tune it says so. */
export const effectiveTtl = (config: Set, system: SystemTtl): SystemTtl => {
  const maxLeaseSeconds = config.maxLeaseSeconds === 0 ? system.maxLeaseSeconds : config.maxLeaseSeconds;
  const wanted = config.defaultLeaseSeconds === 0 ? system.defaultLeaseSeconds : config.defaultLeaseSeconds;
  return { defaultLeaseSeconds: Math.min(wanted, maxLeaseSeconds), maxLeaseSeconds };
};

/** Throws `invalid_request` where a change asks for a default above the maximum that would be in force. */
export const refuseAboveMax = (before: Set, next: Set, system: SystemTtl): void => {
  const same =
    before.defaultLeaseSeconds === next.defaultLeaseSeconds && before.maxLeaseSeconds === next.maxLeaseSeconds;
  if (same || next.defaultLeaseSeconds <= effectiveTtl(next, system).maxLeaseSeconds) return;
  throw new CofferError(
    'invalid_request',
    next.maxLeaseSeconds > 0
      ? 'default lease ttl is greater than max lease ttl'
      : `default lease ttl is greater than the system's max lease ttl of ${system.maxLeaseSeconds} s: set max_lease_ttl as well`,
  );
};
