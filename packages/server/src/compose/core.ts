/**
 * Puts the core together over a storage, and says what happens when the store opens and closes. The only place where the
 * parts of the core meet.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../contracts/engine.ts';
import { AuditBroker } from '../core/audit/broker.ts';
import { markKey } from '../core/anchor/anchor.ts';
import { checkpointPrefix, Checkpoints } from '../core/audit/checkpoints.ts';
import { AuditDevices } from '../core/audit/devices.ts';
import { AuditedHeaders } from '../core/audit/request-headers.ts';
import { Barrier } from '../core/barrier/barrier.ts';
import { RecordCache } from '../core/barrier/cache.ts';
import { Collection } from '../core/barrier/collection.ts';
import { mountPrefix, mountStorage } from '../core/barrier/mount-storage.ts';
import { plainShape } from '../core/barrier/plain-shape.ts';
import type { Records } from '../core/barrier/records.ts';
import { ClockWatch } from '../core/clock-watch.ts';
import { CorsStore } from '../core/cors/store.ts';
import { EventStreams } from '../core/events/streams.ts';
import { InStep } from '../core/fronts/in-step.ts';
import type { LedgerView } from '../core/ledger/view.ts';
import { leasesFor } from '../core/leases/issue.ts';
import { leaseParts } from '../core/leases/parts.ts';
import { AnswerCounts } from '../core/metrics/counts.ts';
import { Tally } from '../core/metrics/tally.ts';
import { UsageCounts } from '../core/metrics/usage.ts';
import { EngineHost } from '../core/mounts/host.ts';
import { type Mount, type MountRecord, plainMountConfig } from '../core/mounts/mount.ts';
import { RowTable } from '../core/mounts/row-table.ts';
import { RequestCount } from '../core/mounts/running.ts';
import { MountTable } from '../core/mounts/table.ts';
import { Monitors } from '../core/monitor/monitors.ts';
import { rootNamespace } from '../core/namespaces/namespace.ts';
import type { Followed } from '../core/nodes/follower.ts';
import { fenced } from '../core/nodes/fenced.ts';
import type { Nodes } from '../core/nodes/nodes.ts';
import { paced } from '../core/paced.ts';
import { PolicyStore } from '../core/policies/store.ts';
import type { Core } from '../core/request/core.ts';
import type { Exchange } from '../core/request/exchange.ts';
import { InFlight } from '../core/request/in-flight.ts';
import { SealKeeper } from '../core/seal/keeper.ts';
import { SlowQueue } from '../core/slow/queue.ts';
import { Snapshots } from '../core/snapshots/snapshots.ts';
import { cofferVersion } from '../core/system/version.ts';
import { newServiceToken } from '../core/tokens/format.ts';
import { systemRows } from '../core/system/rows.ts';
import type { UiHeader } from '../core/system/ui-header.ts';
import { VersionHistory } from '../core/system/version-history.ts';
import { TokenAccessors } from '../core/tokens/accessors.ts';
import { BatchTokens } from '../core/tokens/batch.ts';
import { Revocation } from '../core/tokens/revocation.ts';
import type { TokenRole } from '../core/tokens/role.ts';
import { makeRootToken } from '../core/tokens/root.ts';
import { tokenRows } from '../core/tokens/rows.ts';
import { TokenStore } from '../core/tokens/store.ts';
import { Uses } from '../core/tokens/uses.ts';
import type { CoreParts } from './core-parts.ts';
import { followedParts, frontParts } from './followed.ts';
import { composeAnchor, composeWatched } from './anchor.ts';
import { CoreLife } from './life.ts';
import { composeNodes, nodeName, otherNodes, otherServers, sharedOf } from './nodes.ts';
import { composeWrapping } from './wrapping.ts';
import { resolveEngine } from '../engines/registry.ts';
import { removeCubbyhole } from '../engines/secrets/cubbyhole/storage.ts';
import { upgradeV1ToV2 } from '../engines/secrets/kv/upgrade.ts';
import { slow } from '../platform/crypto/slow.ts';
import { ownPod } from '../platform/files/own-pod.ts';
import { jwts } from '../platform/jose/jwts.ts';
import { readYamlText } from '../platform/yaml/read.ts';
import { openOutside } from '../platform/net/outside.ts';

/** Fixed ids of the core's own mounts: they are part of storage keys and of accessors. */
const coreMountId = 'core';

/** `sys/` and `auth/token/`: mounts that are always there and have no record. */
const builtInMount = (prefix: string, table: RowTable, contextFor: Mount['contextFor']): Mount => {
  const auth = prefix.startsWith('auth/');
  const type = auth ? 'token' : 'system';
  return {
    record: {
      id: `${coreMountId}-${type}`,
      class: auth ? 'auth' : 'secret',
      path: auth ? prefix.slice('auth/'.length) : prefix,
      type,
      description: auth ? 'token based credentials' : 'system endpoints used for control, policy and debugging',
      accessor: auth ? `auth_${type}_00000001` : `${type}_00000001`,
      local: false,
      externalEntropyAccess: false,
      options: new Map(),
      config: plainMountConfig,
    },
    prefix,
    table,
    contextFor,
    running: new RequestCount(),
  };
};

/** The core, and of a thread that only reads what keeps it in step. */
export interface Composed {
  readonly core: Core;
  readonly inStep: InStep | undefined;
  /** Where the thread that writes has a ledger. */
  readonly view: LedgerView | undefined;
}

export const composeCore = (given: CoreParts): Core => composeWhole(given).core;

export const composeWhole = (given: CoreParts): Composed => {
  const shared = sharedOf(given);
  const { storage, clock } = shared;
  const parts: CoreParts = { ...given, storage, clock };
  const { random, logs, fatal, settings } = parts;
  const { apiAddress } = settings;
  const log = logs.part('core');
  const others = shared.many && otherNodes(() => nodes);
  const ownPrefix = mountPrefix(rootNamespace.id, coreMountId);
  const watched = composeWatched(parts, storage, { ownPrefix, barrier: () => barrier });
  const { guard, view } = watched;
  const barrier: Barrier = new Barrier({ storage: watched.storage, clock, random, fatal, others });
  const cache = new RecordCache(barrier, parts.cacheBytes);
  const own = paced(mountStorage(cache, ownPrefix));
  const contextFor = ((exchange: Exchange) => ({ core, exchange })) as Mount['contextFor'];
  const mounts = composeMounts(parts, { recordsOf: recordsIn(cache), own, contextFor, core: () => core });
  const accessors = new TokenAccessors(own, random);
  const batch = new BatchTokens(own, random);
  const tally = new Tally();
  const auditing = composeAudit(parts, { own, barrier });
  const wiring = { own, ownPrefix, cache, mounts, tally, nodes: () => core.nodes };
  const { clockWatch, leases, revocation, expiry } = composeEnds(parts, wiring);
  const needs = () => ({ core, ownPrefix, accessors, batch, openAnew: parts.front?.openAnew });
  const inStep = composeInStep(parts, cache, () => frontParts(needs()));
  const { fronts } = parts;
  const life = new CoreLife({ accessors, batch, expiry, clock, log, core: () => core, fronts, inStep });
  const tokens = new TokenStore({ storage: own, clock, random, accessorOf: text => accessors.of(text), batch, tally });
  const policies = new PolicyStore(own, clock);
  const followed = () => followedParts(needs());
  const isSettled = () => mounts.drains.isSettled;
  const nodes = composeNodes(given, { shared, cache, own, ownPrefix, barrier, clockWatch, followed, isSettled });
  const core: Core = {
    clock,
    clockWatch,
    random,
    log,
    logLevels: logs.levels,
    host: parts.host,
    inFlight: new InFlight(),
    answerCounts: new AnswerCounts(),
    tally,
    usage: new UsageCounts(own, clock),
    cors: new CorsStore(own),
    events: new EventStreams({ storage: nodes, barrier, mounts, clock, log, tokens, policies }),
    monitors: new Monitors({ tap: logs.tap, tokens: currentTokens(tokens, nodes), policies, clock }),
    versions: new VersionHistory(own, clock),
    uiHeaders: new Collection<UiHeader>(own, 'ui-header/', plainShape('header of the UI')),
    seal: composeSeal(parts, { barrier, cache, life, core: () => core }),
    anchor: composeAnchor(parts, { guard, own, ownPrefix, barrier, cache, life }),
    mounts,
    nodes,
    tokens,
    policies,
    ...auditing,
    revocation,
    leases,
    uses: new Uses(accessor => revocation.revoke(accessor)),
    wrapping: composeWrapping({ tokens, mounts, clock, own, ownPrefix, records: cache.unkept, apiAddress }),
    snapshots: composeSnapshots(parts, { barrier, ownPrefix, core: () => core }),
    slow: new SlowQueue(parts.slow ?? slow),
    tokenRoles: new Collection<TokenRole>(own, 'token/role/', plainShape('token role')),
    storage: own,
    barrier,
    ttl: parts.ttl,
    settings,
    configuration: parts.configuration,
  };
  return { core, inStep, view };
};

const composeInStep = (
  { front, clock, logs }: CoreParts,
  cache: RecordCache,
  followed: () => readonly Followed[],
): InStep | undefined => front && new InStep({ steps: front.steps, cache, followed, clock, log: logs.part('core') });

/** Who follows the log is looked up again and again, in a node that may not know that the token is gone. */
const currentTokens = (tokens: TokenStore, { freshness }: Nodes): Pick<TokenStore, 'admitted'> => ({
  admitted: token => (freshness.holds() ? tokens.admitted(token) : undefined),
});

interface SealWiring {
  readonly barrier: Barrier;
  readonly cache: RecordCache;
  readonly life: CoreLife;
  readonly core: () => Core;
}

const composeSeal = (parts: CoreParts, { barrier, cache, life, core }: SealWiring): SealKeeper =>
  new SealKeeper({
    ...parts,
    barrier,
    cache,
    areMany: parts.shared !== undefined,
    rootTokens: {
      lengthBytes: newServiceToken(parts.random).length,
      make: async () => (await makeRootToken(core().tokens, parts.random)).text,
    },
    beforeSealing: async () => {
      await core().auditCheckpoints.takeLast();
      await core().anchor.takeLast();
      await core().nodes.leave();
    },
    hooks: { fill: () => life.fill(parts.rootTokenId), unsealed: () => life.opened(), sealed: () => life.closed() },
  });

interface AuditWiring {
  readonly own: MountStorage;
  readonly barrier: Barrier;
}

const composeAudit = (parts: CoreParts, { own: storage, barrier }: AuditWiring) => {
  const { clock, random, logs, openAudit: open } = parts;
  const log = logs.part('audit');
  const broker = new AuditBroker(clock, log);
  const checkpoints = new Checkpoints({ storage, keys: barrier, clock, random, log, node: nodeName(parts) });
  const headers = new AuditedHeaders(storage);
  const wiring = { storage, broker, checkpoints: parts.front?.lanes ?? checkpoints, headers };
  return {
    audit: broker,
    auditCheckpoints: checkpoints,
    auditHeaders: headers,
    auditDevices: new AuditDevices({ random, clock, log, configured: parts.audit, open, ...wiring }),
  };
};

interface SnapshotWiring {
  readonly barrier: Barrier;
  readonly ownPrefix: string;
  readonly core: () => Core;
}

const composeSnapshots = (parts: CoreParts, { barrier, ownPrefix, core }: SnapshotWiring): Snapshots =>
  new Snapshots({
    ...parts,
    barrier,
    log: parts.logs.part('core'),
    version: cofferVersion,
    keeper: () => core().seal,
    carriedPrefix: ownPrefix + checkpointPrefix,
    beforeReplacing: () => core().auditCheckpoints.takeLast(),
    markKey: ownPrefix + markKey,
    anchor: () => core().anchor,
  });

interface EndWiring {
  readonly own: MountStorage;
  readonly ownPrefix: string;
  readonly nodes: () => Nodes;
  readonly cache: Records;
  readonly mounts: MountTable;
  readonly tally: Tally;
}

/** What ends by time or on somebody's word: tokens, and the leases that end with them. */
const composeEnds = (parts: CoreParts, wiring: EndWiring) => {
  const { clock, logs } = parts;
  const { own, ownPrefix, nodes, cache, mounts, tally } = wiring;
  const fencedOwn = paced(
    mountStorage(
      fenced(cache, () => nodes().fence()),
      ownPrefix,
    ),
  );
  const clockWatch = new ClockWatch(clock, logs.part('core'));
  const leases = leaseParts({
    storage: own,
    fenced: fencedOwn,
    isAlone: parts.shared === undefined,
    leads: () => nodes().leads,
    clock,
    log: logs.part('leases'),
    tally,
    mountOf: id => mounts.byId(id),
    clockTrusted: () => clockWatch.trusted(),
  });
  const revocationIn = (storage: MountStorage): Revocation =>
    new Revocation({
      storage,
      log: logs.part('tokens'),
      tally,
      clearBelongings: async accessor => {
        await leases.revocation.revokeOwned(accessor);
        await clearCubbyholes(mounts, cache, accessor);
      },
    });
  return { clockWatch, leases, revocation: revocationIn(own), expiry: revocationIn(fencedOwn) };
};

const recordsIn =
  (cache: RecordCache) =>
  ({ config }: MountRecord): Records => {
    if (!config.forceNoCache) return cache;
    // Nor is what was kept before the mount asked for this.
    cache.clear();
    return cache.unkept;
  };

interface MountWiring {
  readonly recordsOf: (record: MountRecord) => Records;
  readonly own: ReturnType<typeof mountStorage>;
  readonly contextFor: Mount['contextFor'];
  readonly core: () => Core;
}

const composeMounts = (parts: CoreParts, { recordsOf, own, contextFor, core }: MountWiring): MountTable => {
  const { clock, random, ttl, bodyLimitBytes, logs } = parts;
  const resolve = parts.resolveEngine ?? resolveEngine;
  return new MountTable({
    storage: own,
    others: otherServers(parts, () => core().nodes),
    settled: () => void core().nodes.members.beatSoon(),
    clock,
    log: logs.part('mounts'),
    newId: () => random.uuid(),
    revokeGiven: async id => {
      await core().revocation.revokeMount(id);
      return core().leases.revocation.revokeMount(id);
    },
    host: new EngineHost({
      clock,
      random,
      ttl,
      bodyLimitBytes,
      outward: { http: openOutside(), jwt: jwts, pod: ownPod(), yaml: readYamlText, ...parts.outward },
      resolve: (kind, type, options) => {
        const engine = resolve(type, options);
        return engine?.kind === kind ? engine : undefined;
      },
      storageOf: record => paced(mountStorage(recordsOf(record), mountPrefix(rootNamespace.id, record.id))),
      powers: {
        leasesFor: asked => {
          if (parts.front !== undefined)
            throw new CofferError('internal', 'This thread only reads: it gives no leases.');
          return leasesFor({ ...asked, core: core() });
        },
        slowFor: ({ id: mountId }, exchange) =>
          core().slow.for({ mountId, isGone: () => exchange?.wire.peer.isGone?.() === true }),
      },
      upgradeKv: async target => {
        await upgradeV1ToV2(target, { random, clock });
      },
    }),
    builtIn: [
      builtInMount('sys/', new RowTable(systemRows), contextFor),
      builtInMount('auth/token/', new RowTable(tokenRows), contextFor),
    ],
  });
};

const clearCubbyholes = async (mounts: MountTable, records: Records, accessor: string): Promise<void> => {
  for (const { record } of mounts.list('secret')) {
    if (record.type !== 'cubbyhole') continue;
    await removeCubbyhole(mountStorage(records, mountPrefix(rootNamespace.id, record.id)), accessor);
  }
};
