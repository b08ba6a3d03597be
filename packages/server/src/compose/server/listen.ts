/** The listeners of a configuration, over one way to do requests. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Logs } from '../../contracts/log.ts';
import type { Handle } from '../../contracts/wire.ts';
import { startHttp } from '../../http/server.ts';
import type { ListenOptions } from '../../platform/net/listen.ts';
import type { ListenerSettings } from '../configuration/configuration.ts';
import { listenReason } from '../listen-reason.ts';
import { listenerService } from './listener.ts';
import type { Served } from './reload.ts';

export interface ListenParts {
  readonly handle: Handle;
  readonly clock: Clock;
  readonly logs: Logs;
  readonly sharing: ListenOptions['sharing'];
}

/** Throws `usage` where the address cannot be listened on. */
export const listenOn = async (settings: ListenerSettings, parts: ListenParts): Promise<Served> => {
  const { handle, clock, logs, sharing } = parts;
  const { address, tls, responseHeaders } = settings;
  const state = { responseHeaders };
  const server = await startHttp({
    listen: { address, sharing, ...(tls === undefined ? {} : { tls }) },
    ...listenerService(handle, { ...settings, state }),
    clock,
    log: logs.part('http'),
    limits: limitsOf(settings),
  }).catch((cause: unknown) => {
    throw cannotListen(settings, cause);
  });
  return { server, url: `${tls === undefined ? 'http' : 'https'}://${server.address}`, address, state };
};

const cannotListen = ({ address }: ListenerSettings, cause: unknown): unknown => {
  const { code } = cause as { readonly code?: unknown };
  const reason =
    typeof code === 'string'
      ? listenReason(code, '-listen=HOST:PORT, or that of the listener in the configuration')
      : undefined;
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
