/** Everything about leases, put together. */
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Tally } from '../metrics/tally.ts';
import type { Mount } from '../mounts/mount.ts';
import { BusyLeases } from './busy.ts';
import { LeaseRevocation } from './revocation.ts';
import { LeaseStore } from './store.ts';
import { LeaseWorker } from './worker.ts';

export interface LeaseParts {
  readonly store: LeaseStore;
  readonly busy: BusyLeases;
  readonly worker: LeaseWorker;
  readonly revocation: LeaseRevocation;
}

export interface LeaseNeeds {
  readonly storage: MountStorage;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  readonly mountOf: (id: string) => Mount | undefined;
  /** Whether what is past its end may be cleared. */
  readonly clockTrusted: () => boolean;
}

export const leaseParts = ({ storage, clock, log, tally, mountOf, clockTrusted }: LeaseNeeds): LeaseParts => {
  const store = new LeaseStore(storage, log);
  const busy = new BusyLeases();
  const worker = new LeaseWorker({ store, busy, mountOf, clock, log, tally, clockTrusted });
  return { store, busy, worker, revocation: new LeaseRevocation({ store, worker, clock }) };
};
