/** Puts together what makes several nodes of one storage: what each part of the core then works with, and this node itself. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../contracts/clock.ts';
import type { MountStorage } from '../contracts/engine.ts';
import type { SharedStorage, Storage } from '../contracts/storage.ts';
import type { Barrier } from '../core/barrier/barrier.ts';
import type { OtherNodes } from '../core/barrier/key-holder.ts';
import type { OtherNodes as OtherServers } from '../core/mounts/drains.ts';
import type { RecordCache } from '../core/barrier/cache.ts';
import { recordFormat } from '../core/barrier/record.ts';
import type { ClockWatch } from '../core/clock-watch.ts';
import type { Followed } from '../core/nodes/follower.ts';
import { Members } from '../core/nodes/members.ts';
import { Nodes } from '../core/nodes/nodes.ts';
import { SeenStorage } from '../core/nodes/seen.ts';
import { StorageClock } from '../core/nodes/storage-clock.ts';
import { wireVersion } from '../core/system/version.ts';
import type { CoreParts } from './core-parts.ts';

/** The storage and the time that the core works with, and the machine's own clock. */
export interface Shared {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly ownClock: Clock;
  /** Where other nodes write to the storage as well. */
  readonly many:
    | { readonly moments: SharedStorage; readonly seen: SeenStorage; readonly time: StorageClock }
    | undefined;
}

export const sharedOf = ({ storage, shared: moments, clock: ownClock }: CoreParts): Shared => {
  if (moments === undefined) return { storage, clock: ownClock, ownClock, many: undefined };
  const [seen, time] = [new SeenStorage(storage), new StorageClock(ownClock)];
  return { storage: seen, clock: time, ownClock, many: { moments, seen, time } };
};

export interface NodeWiring {
  readonly shared: Shared;
  readonly cache: RecordCache;
  readonly own: MountStorage;
  readonly ownPrefix: string;
  readonly barrier: Barrier;
  readonly clockWatch: ClockWatch;
  readonly followed: () => readonly Followed[];
  /** Requests are only in mounts as they are now. */
  readonly isSettled: () => boolean;
}

export const composeNodes = (parts: CoreParts, wiring: NodeWiring): Nodes => {
  const { shared, cache, ownPrefix, barrier, followed } = wiring;
  const { many, storage } = shared;
  const nodes: Nodes = new Nodes({
    storage,
    shared: many?.moments,
    cache,
    ownPrefix,
    followed,
    members: composeMembers(parts, wiring, () => nodes.settled),
    isSettled: wiring.isSettled,
    clock: shared.ownClock,
    log: parts.logs.part('core'),
    told: answer => many?.time.set(answer),
    state: { storeId: () => barrier.storeId, seen: () => many?.seen.revision ?? 0 },
  });
  return nodes;
};

/** What the keys of the barrier have to do with other nodes. */
export const otherNodes = (nodes: () => Nodes): OtherNodes => ({
  haveKeyring: (revision, limitMs) => nodes().members.all(member => member.keyring >= revision, limitMs),
  assertCurrent: () => {
    if (nodes().freshness.holds()) return;
    throw new CofferError('not_current', 'this node cannot show that what it knows is current: nothing was written', {
      retryAfterSeconds: 1,
    });
  },
});

/** By what this node is known after a restart as well. */
export const nodeName =
  ({ shared, host, settings }: CoreParts) =>
  async (): Promise<string> =>
    shared === undefined ? '' : `${(await host.facts()).hostname} ${settings.apiAddress ?? ''}`;

/** Who lost a race waits so long to hear of the winner. */
const catchUpMs = 1_000;

/** What mounts have to do with other nodes. */
export const otherServers = (parts: CoreParts, nodes: () => Nodes): OtherServers => ({
  isAlone: parts.shared === undefined && parts.front === undefined,
  catchUp: () => nodes().freshness.catchUp(catchUpMs),
  settled: async (revision, limitMs) =>
    parts.shared === undefined || nodes().members.all(member => member.settled >= revision, limitMs),
});

const composeMembers = (parts: CoreParts, wiring: NodeWiring, settled: () => number): Members => {
  const { shared, own, barrier, clockWatch } = wiring;
  const { random, logs, host, settings } = parts;
  return new Members({
    storage: own,
    clock: shared.clock,
    log: logs.part('core'),
    newId: () => random.uuid(),
    told: {
      format: recordFormat,
      now: () => ({ keyring: barrier.keyringRevision, settled: settled() }),
      facts: async () => ({
        hostname: (await host.facts()).hostname,
        apiAddress: settings.apiAddress ?? '',
        version: wireVersion,
      }),
    },
    isClockTrusted: () => clockWatch.trusted(),
  });
};
