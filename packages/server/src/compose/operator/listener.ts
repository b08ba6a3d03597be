/** What the operator answers over HTTP, where it is told to listen: whether it lives and works, and what it counted. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Handle, WireAnswer } from '../../contracts/wire.ts';
import { prometheusType } from '../../core/metrics/prometheus.ts';
import { type HttpServer, startHttp } from '../../http/server.ts';
import type { HostPort } from '../configuration/address.ts';
import { listenReason } from '../listen-reason.ts';

export interface OperatorState {
  /** False until the first lists are in, or another replica is known to act. */
  readonly isReady: () => boolean;
  readonly metrics: () => string;
}

export interface OperatorListeners {
  readonly health: HostPort | undefined;
  readonly metrics: HostPort | undefined;
}

const closeGraceMs = 1000;
const bytes = new TextEncoder();

const plain = (status: number, text: string, type = 'text/plain; charset=utf-8'): WireAnswer => ({
  status,
  headers: [['Content-Type', type]],
  body: bytes.encode(text),
});

type Pages = ReadonlyMap<string, () => WireAnswer>;

const healthPages = ({ isReady }: OperatorState): Pages =>
  new Map([
    ['/healthz', () => plain(200, 'ok\n')],
    ['/readyz', () => (isReady() ? plain(200, 'ok\n') : plain(503, 'not yet\n'))],
  ]);

const metricsPages = ({ metrics }: OperatorState): Pages =>
  new Map([['/metrics', () => plain(200, metrics(), prometheusType)]]);

const serving =
  (pages: Pages): Handle =>
  async ({ method, rawTarget }) => {
    const page = pages.get(rawTarget.split('?')[0] ?? '');
    if (page === undefined) return plain(404, `there is: ${[...pages.keys()].join(', ')}\n`);
    return method === 'GET' || method === 'HEAD' ? page() : plain(405, 'GET only\n');
  };

interface Around {
  readonly clock: Clock;
  readonly log: Log;
}

const listenAt = async (address: HostPort, pages: Pages, { clock, log }: Around): Promise<HttpServer> => {
  try {
    return await startHttp({ listen: { address }, handle: serving(pages), clock, log });
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (typeof code !== 'string' || cause instanceof CofferError) throw cause;
    const where = `${address.host}:${address.port}`;
    throw new CofferError(
      'usage',
      `cannot listen on ${where}: ${listenReason(code, '-health-address, -metrics-address')}`,
      { cause },
    );
  }
};

/** Addresses as bound, and how to close them. Throws `usage` where one cannot be listened on. */
export const listenForOperator = async (
  { health, metrics }: OperatorListeners,
  state: OperatorState,
  around: Around,
) => {
  const servers: HttpServer[] = [];
  if (health !== undefined) servers.push(await listenAt(health, healthPages(state), around));
  if (metrics !== undefined) servers.push(await listenAt(metrics, metricsPages(state), around));
  return {
    addresses: servers.map(({ address }) => address),
    close: async () => void (await Promise.all(servers.map(server => server.close(closeGraceMs)))),
  };
};
