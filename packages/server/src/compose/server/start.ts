/** Brings a configured server up: storage, core, listeners; and down again in the other order. */
import { plainBodyLimitBytes } from '@coffer/schema/row.ts';
import type { Engine } from '../../contracts/engine.ts';
import type { StorageLife } from '../../contracts/storage.ts';
import { defaultCacheBytes } from '../../core/barrier/cache.ts';
import type { Core } from '../../core/request/core.ts';
import { endings } from '../../core/events/endings.ts';
import { endings as monitorEndings } from '../../core/monitor/monitor.ts';
import { withCors } from '../../core/request/cors.ts';
import { pipeline } from '../../core/request/pipeline.ts';
import { resolveEngine } from '../../engines/registry.ts';
import { realClock } from '../../platform/clock/real.ts';
import { anchorFile } from '../../platform/files/anchor-file.ts';
import { realHost } from '../../platform/host/host.ts';
import type { OpenLog } from '../../platform/log/standard.ts';
import { realRandom } from '../../platform/random/real.ts';
import { SharedHead } from '../../platform/sqlite/shared-head.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { composeCore } from '../core.ts';
import { FrontThreads } from '../fronts/fronts.ts';
import type { Bound } from '../fronts/messages.ts';
import { openAudit, tryAudit } from './audit.ts';
import { listenOn } from './listen.ts';
import { Live } from './live.ts';
import { reloadServer, type Served } from './reload.ts';
import { openSeal } from './seal.ts';
import { type OpenedStorage, openStorage, sharedBy, storageFolders } from './storage.ts';

export interface Running {
  readonly core: Core;
  /** `http://host:port` of each listener, as bound. */
  readonly addresses: readonly string[];
  /** Takes what may change of a configuration, and opens audit files and certificates anew; see `reload.ts`. */
  reload(next: Configuration | undefined): Promise<void>;
  /** Serves on for a while and says that it does not, so that others are asked; a second call waits no longer. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface StartOptions {
  readonly configuration: Configuration;
  readonly log: OpenLog;
  readonly fatal: (reason: string) => void;
  /** Text of the first root token, where somebody chose it: only in development. */
  readonly rootTokenId?: string | undefined;
  /** Runs with the store open, before anybody can connect. */
  readonly prepare?: (core: Core) => Promise<void>;
  /** Reads the files of the configuration again. */
  readonly readAgain?: (() => Promise<Configuration>) | undefined;
  /** Added to each group of commits, to measure what slow disks do. */
  readonly fsyncDelayMs?: number;
  /** Engines beside those of the registry, to measure and to try what those give no occasion to. */
  readonly engines?: readonly Engine[];
}

const closeGraceMs = 5000;
/** Where there are other nodes: balancers look every second or two, and want two refusals. */
const drainMs = 5000;

export const startServer = async (options: StartOptions): Promise<Running> => {
  const { configuration } = options;
  await tryAudit(configuration.audit, { clock: realClock(), log: options.log });
  const shared = configuration.requestThreads > 1 ? new SharedHead() : undefined;
  const storage = await openStorage(configuration.storage, {
    log: options.log.part('storage'),
    fatal: cause => options.fatal(cause.message),
    fsyncDelayMs: options.fsyncDelayMs ?? 0,
    shared,
  });
  const fronts = shared && frontsOf(options, shared);
  const servers: Served[] = [];
  try {
    const live = new Live(configuration, { log: options.log, readAgain: options.readAgain });
    const core = await openCore(options, { storage, live, fronts });
    await core.seal.autoUnseal();
    await options.prepare?.(core);
    await listenAll(options, { core, fronts }, servers);
    live.serve({ core, servers, fronts });
    return running({ core, storage, servers, fronts, live, drainSeconds: configuration.drainSeconds });
  } catch (cause) {
    await closeServers({ servers, fronts });
    await storage.close();
    throw cause;
  }
};

/** The threads beside this one, not started yet. */
const frontsOf = (options: StartOptions, { memory }: SharedHead): FrontThreads | undefined => {
  const { configuration, log: logs, fatal } = options;
  const { storage, requestThreads, audit, seal } = configuration;
  if (storage.type !== 'sqlite') return undefined;
  const { ttl, bodyLimitBytes, settings, cacheBytes } = common(configuration);
  return new FrontThreads({
    count: requestThreads - 1,
    options: {
      path: storage.path,
      memory,
      sealType: seal.type,
      audit,
      ttl,
      bodyLimitBytes,
      settings,
      cacheBytes,
      isAnchored: configuration.anchor !== undefined,
    },
    clock: realClock(),
    logs,
    fatal,
  });
};

/** What all threads are told alike. */
const common = (configuration: Configuration) => ({
  cacheBytes: Math.floor(defaultCacheBytes / configuration.requestThreads),
  ttl: { defaultLeaseSeconds: configuration.defaultLeaseSeconds, maxLeaseSeconds: configuration.maxLeaseSeconds },
  bodyLimitBytes: Math.max(
    ...configuration.listeners.map(({ maxRequestBytes }) => maxRequestBytes ?? plainBodyLimitBytes),
  ),
  settings: {
    clusterName: configuration.clusterName,
    apiAddress: configuration.apiAddress,
    storageType: configuration.storage.type,
    unauthenticatedRekey: configuration.listeners.every(listener => listener.unauthenticatedRekey),
    unauthenticatedGenerateRoot: configuration.listeners.every(listener => listener.unauthenticatedGenerateRoot),
    auditByApi: configuration.auditByApi,
    auditPrefixes: configuration.auditPrefixes,
    introspection: configuration.introspection,
  },
});

interface Around {
  readonly storage: OpenedStorage;
  readonly live: Live;
  readonly fronts: FrontThreads | undefined;
}

const openCore = async (options: StartOptions, { storage, live, fronts }: Around): Promise<Core> => {
  const { configuration, log, fatal, rootTokenId, engines = [] } = options;
  const random = realRandom();
  const clock = realClock();
  return composeCore({
    storage,
    shared: sharedBy(configuration.storage, storage),
    anchor: configuration.anchor && {
      place: anchorFile(configuration.anchor.path),
      head: () => storage.head(),
      maxLagMs: configuration.anchor.maxLagSeconds * 1000,
    },
    copies: storage,
    clock,
    random,
    logs: log,
    host: realHost(storageFolders(configuration.storage)),
    fatal,
    ...common(configuration),
    fronts,
    configuration: live,
    seal: await openSeal(configuration.seal, random),
    rootTokenId,
    audit: configuration.audit,
    resolveEngine: (type, given) => engines.find(engine => engine.type === type) ?? resolveEngine(type, given),
    openAudit: (stanza, chain) => openAudit(stanza, { clock, chain }),
  });
};

interface Parts {
  readonly core: Core;
  readonly storage: StorageLife;
  readonly servers: readonly Served[];
  readonly fronts: FrontThreads | undefined;
  readonly live: Live;
  readonly drainSeconds: number | undefined;
}

/** Answers what is to be called to end it; again, to wait no longer. */
const draining = ({ core, servers, fronts, drainSeconds }: Parts): (() => Promise<void>) => {
  const waitMs = drainSeconds === undefined ? (core.nodes.areMany ? drainMs : 0) : drainSeconds * 1000;
  const waited = Promise.withResolvers<void>();
  return () => {
    if (core.nodes.drains || waitMs === 0 || core.seal.sealed) waited.resolve();
    core.nodes.drain();
    for (const { server } of servers) server.drain();
    fronts?.drain();
    core.clock.after(waitMs, waited.resolve);
    return waited.promise;
  };
};

const running = (parts: Parts): Running => ({
  core: parts.core,
  drain: draining(parts),
  addresses: parts.servers.map(({ url }) => url),
  reload: async next => {
    await reloadServer(parts, next);
    if (next !== undefined) parts.live.adopt(next);
  },
  close: async () => {
    const { core, storage } = parts;
    core.events.endAll(endings.shutDown);
    core.monitors.endAll(monitorEndings.shutDown);
    await closeServers(parts);
    await core.seal.seal();
    await storage.close();
  },
});

/** All at once: those beside hand requests over until their last connection is gone. */
const closeServers = async ({ servers, fronts }: Pick<Parts, 'servers' | 'fronts'>): Promise<void> => {
  await Promise.all([...servers.map(({ server }) => server.close(closeGraceMs)), fronts?.end(closeGraceMs)]);
};

const listenAll = async (
  options: StartOptions,
  parts: Pick<Parts, 'core' | 'fronts'>,
  served: Served[],
): Promise<void> => {
  const { configuration, log: logs } = options;
  const { core, fronts } = parts;
  const handle = withCors(pipeline(core), core.cors);
  const bound: Bound[] = [];
  for (const settings of configuration.listeners) {
    const sharing = fronts === undefined ? undefined : 'first';
    const one = await listenOn(settings, { handle, clock: core.clock, logs, sharing });
    served.push(one);
    if (!('path' in settings.address)) bound.push({ settings, port: one.server.port });
  }
  await fronts?.start({ core, handle }, bound);
};
