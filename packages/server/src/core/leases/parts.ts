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
  /** Works off what is due, where this node does that for all. */
  readonly worker: LeaseWorker;
  readonly revocation: LeaseRevocation;
}

export interface LeaseNeeds {
  readonly storage: MountStorage;
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  readonly mountOf: (id: string) => Mount | undefined;
  /** The same records, for what one node does for all. */
  readonly fenced: MountStorage;
  /** There is only one. */
  readonly isAlone: boolean;
  /** Whether this is that node. */
  readonly leads: () => boolean;
  /** Whether what is past its end may be cleared. */
  readonly clockTrusted: () => boolean;
}

export const leaseParts = ({ storage, fenced, ...needs }: LeaseNeeds): LeaseParts => {
  const { clock, log } = needs;
  const told = new Set<string>();
  const store = new LeaseStore(storage, log, told);
  const busy = new BusyLeases();
  const workers = { ...needs, busy, callsOut: new Map<string, number>() };
  const worker = new LeaseWorker({ ...workers, store: new LeaseStore(fenced, log, told) });
  const asked = new LeaseWorker({ ...workers, store });
  return { store, busy, worker, revocation: new LeaseRevocation({ store, asked, worker, clock }) };
};
