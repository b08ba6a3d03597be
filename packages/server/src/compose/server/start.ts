/** Brings a configured server up: storage, core, listeners; and down again in the other order. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditSink } from '../../contracts/audit.ts';
import type { Log } from '../../contracts/log.ts';
import type { Storage, StorageLife } from '../../contracts/storage.ts';
import type { AuditStanza } from '../../core/audit/devices.ts';
import { readFileOptions } from '../../core/audit/options.ts';
import { defaultCacheBytes } from '../../core/barrier/cache.ts';
import type { Core } from '../../core/request/core.ts';
import { pipeline } from '../../core/request/pipeline.ts';
import { type HttpServer, startHttp } from '../../http/server.ts';
import { openFileDevice } from '../../platform/audit/file.ts';
import { realClock } from '../../platform/clock/real.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { realRandom } from '../../platform/random/real.ts';
import { openSqliteStore } from '../../platform/sqlite/store.ts';
import type { AuditSettings, Configuration, ListenerSettings } from '../configuration/configuration.ts';
import { composeCore } from '../core.ts';
import { listenerHandle } from './listener.ts';
import { openSeal } from './seal.ts';

export interface Running {
  readonly core: Core;
  /** `http://host:port` of each listener, as bound. */
  readonly addresses: readonly string[];
  /** Opens audit files and certificates anew. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface StartOptions {
  readonly configuration: Configuration;
  readonly log: Log;
  readonly fatal: (reason: string) => void;
  /** Text of the first root token, where somebody chose it: only in development. */
  readonly rootTokenId?: string | undefined;
  /** Runs with the store open, before anybody can connect. */
  readonly prepare?: (core: Core) => Promise<void>;
  /** Added to each group of commits, to measure what slow disks do. */
  readonly fsyncDelayMs?: number;
}

const closeGraceMs = 5000;

export const startServer = async (options: StartOptions): Promise<Running> => {
  const { configuration } = options;
  await tryAudit(configuration.audit, options.log);
  const storage = await openStorage(options);
  const servers: Served[] = [];
  try {
    const core = await openCore(options, storage);
    await core.seal.autoUnseal();
    await options.prepare?.(core);
    await listenAll(configuration.listeners, core, servers);
    return running({ core, storage, servers });
  } catch (cause) {
    await closeServers(servers);
    await storage.close();
    throw cause;
  }
};

const openCore = async (options: StartOptions, storage: Storage): Promise<Core> => {
  const { configuration, log, fatal, rootTokenId } = options;
  const random = realRandom();
  return composeCore({
    storage,
    clock: realClock(),
    random,
    log,
    fatal,
    cacheBytes: defaultCacheBytes,
    ttl: { defaultLeaseSeconds: configuration.defaultLeaseSeconds, maxLeaseSeconds: configuration.maxLeaseSeconds },
    settings: {
      clusterName: configuration.clusterName,
      storageType: configuration.storage.type,
      unauthenticatedRekey: configuration.listeners.every(listener => listener.unauthenticatedRekey),
      unauthenticatedGenerateRoot: configuration.listeners.every(listener => listener.unauthenticatedGenerateRoot),
      auditByApi: configuration.auditByApi,
    },
    seal: await openSeal(configuration.seal, random),
    rootTokenId,
    audit: configuration.audit.map(stanzaOf),
    openAudit,
  });
};

interface Parts {
  readonly core: Core;
  readonly storage: StorageLife;
  readonly servers: readonly Served[];
}

const running = ({ core, storage, servers }: Parts): Running => ({
  core,
  addresses: servers.map(({ url }) => url),
  reload: async () => {
    await core.audit.reopen();
    for (const { server } of servers) await server.reload();
  },
  close: async () => {
    await closeServers(servers);
    await core.seal.seal();
    await storage.close();
  },
});

const closeServers = async (servers: readonly Served[]): Promise<void> => {
  await Promise.all(servers.map(({ server }) => server.close(closeGraceMs)));
};

const openStorage = async (options: StartOptions): Promise<Storage & StorageLife> => {
  const { configuration, log, fatal } = options;
  if (configuration.storage.type === 'inmem') return openMemoryStore();
  const { path } = configuration.storage;
  const { fsyncDelayMs = 0 } = options;
  return openSqliteStore({ path, clock: realClock(), log, fatal: cause => fatal(cause.message), fsyncDelayMs });
};

const stanzaOf = (settings: AuditSettings): AuditStanza => ({
  type: settings.type,
  path: settings.path.endsWith('/') ? settings.path : `${settings.path}/`,
  description: settings.description,
  options: new Map([
    ['file_path', settings.filePath],
    ['mode', settings.mode.toString(8).padStart(4, '0')],
  ]),
});

/** Throws where the options are not what a device can have; those of the store were checked when they were stored. */
const openAudit = async (stanza: AuditStanza): Promise<AuditSink> =>
  openFileDevice(stanza.path, readFileOptions(stanza.options));

/**
 * Devices are opened with the store; one that cannot be opened is told at the start, while somebody looks on. Throws
 * where none can be.
 */
const tryAudit = async (devices: readonly AuditSettings[], log: Log): Promise<void> => {
  const failures: unknown[] = [];
  for (const settings of devices) {
    const tried = openAudit(stanzaOf(settings)).then(sink => sink.close());
    await tried.catch((cause: unknown) => failures.push(cause));
  }
  if (devices.length > 0 && failures.length === devices.length) throw failures[0];
  for (const cause of failures) {
    if (!(cause instanceof CofferError)) throw cause;
    log.write('error', 'an audit device cannot be opened; the others are used', { reason: cause.publicMessage });
  }
};

interface Served {
  readonly server: HttpServer;
  readonly url: string;
}

const listenAll = async (listeners: readonly ListenerSettings[], core: Core, served: Served[]): Promise<void> => {
  const handle = pipeline(core);
  for (const settings of listeners) {
    const server = await startHttp({
      listen: { address: settings.address, ...(settings.tls === undefined ? {} : { tls: settings.tls }) },
      handle: listenerHandle(handle, settings, core.clock),
      clock: core.clock,
      log: core.log,
      limits: limitsOf(settings),
    }).catch((cause: unknown) => {
      throw cannotListen(settings, cause);
    });
    served.push({ server, url: `${settings.tls === undefined ? 'http' : 'https'}://${server.address}` });
  }
};

const listenReasons: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'another program listens there; stop it or choose another address'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['EACCES', 'this user may not; ports below 1024 need more rights'],
]);

const cannotListen = ({ address }: ListenerSettings, cause: unknown): unknown => {
  const { code } = cause as { readonly code?: unknown };
  const reason = typeof code === 'string' ? (listenReasons.get(code) ?? code) : undefined;
  if (cause instanceof CofferError || reason === undefined) return cause;
  const where = 'path' in address ? address.path : `${address.host}:${address.port}`;
  return new CofferError('usage', `cannot listen on ${where}: ${reason}`, { cause });
};

const inMs = (name: string, seconds: number | undefined): { readonly [name: string]: number } =>
  seconds === undefined || seconds === 0 ? {} : { [name]: seconds * 1000 };

const limitsOf = ({ timeouts }: ListenerSettings) => ({
  ...inMs('headerReadMs', timeouts.headerReadSeconds),
  ...inMs('requestReadMs', timeouts.requestReadSeconds),
  ...inMs('writeStallMs', timeouts.writeStallSeconds),
  ...inMs('idleMs', timeouts.idleSeconds),
});
