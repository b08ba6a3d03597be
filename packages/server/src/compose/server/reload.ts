/**
 * What SIGHUP changes while the server runs: response headers, the audit devices of the configuration, audit files and
 * certificates opened anew. Listeners, storage and seal are those of the start. Each step is taken whatever became of the
 * one before; what cannot be done leaves in force what was.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Log } from '../../contracts/log.ts';
import type { Core } from '../../core/request/core.ts';
import type { HttpServer } from '../../http/server.ts';
import type { Configuration, ListenerSettings } from '../configuration/configuration.ts';
import type { Reloaded } from '../fronts/messages.ts';
import type { ListenerState } from './listener.ts';

export interface Served {
  readonly server: HttpServer;
  readonly url: string;
  readonly address: ListenerSettings['address'];
  readonly state: ListenerState;
}

export interface Reloadable {
  readonly core: Core;
  readonly servers: readonly Served[];
  /** The threads that listen beside this one. */
  readonly fronts?: { reload(next: Reloaded): Promise<void> } | undefined;
}

type Step = (running: Reloadable, next: Configuration) => Promise<void>;

/** What may be taken anew by itself. The level of the log is the owner's of the log. */
const steps: ReadonlyMap<string, Step> = new Map<string, Step>([
  [
    'audit',
    async ({ core, fronts }, next) => {
      await core.auditDevices.reconfigure(next.audit);
      await core.audit.reopen();
      await fronts?.reload({ audit: next.audit });
    },
  ],
  [
    'listener',
    async ({ servers, fronts }, next) => {
      for (const served of servers) adopt(served, next.listeners);
      await Promise.all(servers.map(({ server }) => server.reload()));
      await fronts?.reload({ listeners: next.listeners });
    },
  ],
  ['log_level', () => Promise.resolve()],
]);

export const reloadableParts: readonly string[] = [...steps.keys()];

/** Rejects where it cannot be taken. */
export const reloadPart = async (part: string, running: Reloadable, next: Configuration): Promise<void> => {
  await steps
    .get(part)?.(running, next)
    .catch((cause: unknown) => {
      if (cause instanceof CofferError) throw cause;
      throw new CofferError('invalid_request', `${part} could not be reloaded; the log says why`, { cause });
    });
};

/** Without a configuration, as where it could not be read, files are opened anew all the same. */
export const reloadServer = async (running: Reloadable, next: Configuration | undefined): Promise<void> => {
  const { core, servers, fronts } = running;
  const attempt = attempting(core.log);
  if (next !== undefined) {
    for (const served of servers) adopt(served, next.listeners);
    await attempt('audit devices', () => core.auditDevices.reconfigure(next.audit));
  }
  await attempt('audit files', () => core.audit.reopen());
  if (!core.seal.sealed) await core.auditCheckpoints.take();
  await reloadCertificates(running);
  await fronts?.reload(next === undefined ? {} : { listeners: next.listeners, audit: next.audit });
};

/** The same of a thread that listens beside the one that owns audit files. */
export const reloadFront = async (running: Reloadable, { listeners, audit }: Reloaded): Promise<void> => {
  if (listeners !== undefined) for (const served of running.servers) adopt(served, listeners);
  if (audit !== undefined) await running.core.auditDevices.reconfigure(audit);
  await reloadCertificates(running);
};

const reloadCertificates = async ({ core, servers }: Reloadable): Promise<void> => {
  const attempt = attempting(core.log);
  for (const { server, url } of servers) await attempt(`certificates of ${url}`, () => server.reload());
};

const attempting =
  (log: Log) =>
  async (what: string, step: () => Promise<void>): Promise<void> => {
    await step().catch((cause: unknown) => {
      const error = cause instanceof Error ? cause.message : 'unknown';
      log.write('error', 'the reload failed in part; what was in force stays in force', { what, error });
    });
  };

/** A listener is known by its address; one that is no longer named serves on as it did. */
const adopt = ({ address, state }: Served, listeners: readonly ListenerSettings[]): void => {
  const settings = listeners.find(one => sameAddress(one.address, address));
  if (settings !== undefined) state.responseHeaders = settings.responseHeaders;
};

type Address = ListenerSettings['address'];

const sameAddress = (one: Address, other: Address): boolean =>
  'path' in one
    ? 'path' in other && one.path === other.path
    : !('path' in other) && one.host === other.host && one.port === other.port;
