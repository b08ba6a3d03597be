/** Renewal: the engine is asked first, so that what the lease is about never ends before the lease does. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Core } from '../request/core.ts';
import { effectiveTtl } from '../mounts/lease-times.ts';
import type { Mount } from '../mounts/mount.ts';
import { isOver, type Lease } from './lease.ts';
import { leaseTtl } from './ttl.ts';

export interface Renewed {
  readonly lease: Lease;
  readonly ttlSeconds: number;
  readonly warnings: readonly string[];
}

const refuse = (message: string): CofferError => new CofferError('invalid_request', message);
const notFound = (): CofferError => refuse('lease not found');

export const renewLease = async (core: Core, id: string, incrementSeconds: number): Promise<Renewed> => {
  const release = core.leases.busy.take(id);
  if (release === undefined) throw new CofferError('conflict', 'the lease is being changed; try again');
  try {
    return await renew(core, id, incrementSeconds);
  } finally {
    release();
  }
};

const renew = async (core: Core, id: string, incrementSeconds: number): Promise<Renewed> => {
  const now = core.tokens.nowSeconds();
  const lease = (await core.leases.store.get(id))?.record;
  if (lease === undefined || isOver(lease, now)) throw notFound();
  const mount = core.mounts.byId(lease.mountId);
  if (mount === undefined) throw notFound();
  const work = mount.leaseWork?.renew;
  if (!lease.renewable || work === undefined) throw refuse('lease is not renewable');
  const { ttlSeconds, warnings } = grant(core, { mount, lease, now, incrementSeconds });
  // A maximum that was lowered since must not make of a renewal the end of the lease.
  if (ttlSeconds === 0) throw refuse('past the max TTL, cannot renew');
  await work(lease.data, { ttlSeconds, expiresAtSeconds: now + ttlSeconds });
  const next = await core.leases.store.update(id, newest =>
    newest.state === 'live' ? { ...newest, expiresAtSeconds: now + ttlSeconds, renewedAtSeconds: now } : undefined,
  );
  // Revoked while its engine was asked.
  if (next?.state !== 'live') throw notFound();
  core.tally.add('lease renewed');
  return { lease: next, ttlSeconds, warnings };
};

interface Asked {
  readonly mount: Mount;
  readonly lease: Lease;
  readonly now: number;
  readonly incrementSeconds: number;
}

const grant = (core: Core, { mount, lease, now, incrementSeconds }: Asked) =>
  leaseTtl({
    nowSeconds: now,
    issuedAtSeconds: lease.issuedAtSeconds,
    askedSeconds: incrementSeconds,
    usualSeconds: lease.ttlSeconds,
    maxSeconds: lease.maxTtlSeconds,
    mount: effectiveTtl(mount.record.config, core.ttl),
  });
