/** Brings a configured server up: storage, core, listeners; and down again in the other order. */
import type { AuditSink } from '../../contracts/audit.ts';
import type { Log } from '../../contracts/log.ts';
import type { Storage, StorageLife } from '../../contracts/storage.ts';
import type { AuditStanza } from '../../core/audit/devices.ts';
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
  /** Added to each group of commits, to measure what slow disks do. */
  readonly fsyncDelayMs?: number;
}

const closeGraceMs = 5000;

export const startServer = async (options: StartOptions): Promise<Running> => {
  const { configuration, log, fatal } = options;
  const clock = realClock();
  const random = realRandom();
  await tryAudit(configuration.audit);
  const storage = await openStorage(options);
  const core = composeCore({
    storage,
    clock,
    random,
    log,
    fatal,
    cacheBytes: defaultCacheBytes,
    ttl: { defaultLeaseSeconds: configuration.defaultLeaseSeconds, maxLeaseSeconds: configuration.maxLeaseSeconds },
    settings: {
      clusterName: configuration.clusterName ?? `coffer-cluster-${random.bytes(4).toHex()}`,
      storageType: configuration.storage.type,
      unauthenticatedRekey: configuration.listeners.every(listener => listener.unauthenticatedRekey),
      unauthenticatedGenerateRoot: configuration.listeners.every(listener => listener.unauthenticatedGenerateRoot),
      auditByApi: configuration.auditByApi,
    },
    seal: await openSeal(configuration.seal, random),
    rootTokenId: options.rootTokenId,
    audit: configuration.audit.map(stanzaOf),
    openAudit,
  });
  await core.seal.autoUnseal();
  const servers = await listenAll(configuration.listeners, core);
  return {
    core,
    addresses: servers.map(({ url }) => url),
    reload: async () => {
      await core.audit.reopen();
      for (const { server } of servers) await server.reload();
    },
    close: async () => {
      await Promise.all(servers.map(({ server }) => server.close(closeGraceMs)));
      await core.seal.seal();
      await storage.close();
    },
  };
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

const defaultMode = '0600';

const openAudit = (stanza: AuditStanza): Promise<AuditSink> =>
  openFileDevice(stanza.path, {
    filePath: stanza.options.get('file_path') ?? stanza.options.get('path') ?? 'discard',
    mode: Number.parseInt(stanza.options.get('mode') ?? defaultMode, 8),
  });

/** Devices are opened with the store; one that cannot be opened is told at the start, while somebody looks on. */
const tryAudit = async (devices: readonly AuditSettings[]): Promise<void> => {
  for (const settings of devices) await (await openAudit(stanzaOf(settings))).close();
};

interface Served {
  readonly server: HttpServer;
  readonly url: string;
}

const listenAll = async (listeners: readonly ListenerSettings[], core: Core): Promise<readonly Served[]> => {
  const handle = pipeline(core);
  const served: Served[] = [];
  for (const settings of listeners) {
    const server = await startHttp({
      listen: { address: settings.address, ...(settings.tls === undefined ? {} : { tls: settings.tls }) },
      handle: listenerHandle(handle, settings, core.clock),
      clock: core.clock,
      log: core.log,
      limits: limitsOf(settings),
    });
    served.push({ server, url: `${settings.tls === undefined ? 'http' : 'https'}://${server.address}` });
  }
  return served;
};

const inMs = (name: string, seconds: number | undefined): { readonly [name: string]: number } =>
  seconds === undefined || seconds === 0 ? {} : { [name]: seconds * 1000 };

const limitsOf = ({ timeouts }: ListenerSettings) => ({
  ...inMs('headerReadMs', timeouts.headerReadSeconds),
  ...inMs('requestReadMs', timeouts.requestReadSeconds),
  ...inMs('writeStallMs', timeouts.writeStallSeconds),
  ...inMs('idleMs', timeouts.idleSeconds),
});
