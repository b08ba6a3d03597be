/** The row `sys/in-flight-req`: which requests wait now. Paths and addresses, never what was sent or answered. */
import type { Out } from '@coffer/schema/out.ts';
import type { Exchange } from '../request/exchange.ts';
import { read } from './context.ts';

const shown = ({ startedAtMs, wire, path, caller }: Exchange): { readonly [name: string]: Out } => ({
  start_time: new Date(startedAtMs),
  client_remote_address: `${wire.peer.address}:${wire.peer.port}`,
  request_path: `/v1/${path}`,
  request_method: wire.method,
  client_id: caller?.token.entityId ?? '',
});

export const inFlightRows = [
  read(
    'in-flight-req',
    {
      summary: 'Show the requests that wait for something now',
      description: 'By request id: when it came, from where, method and path. At most 10,000 are shown.',
      access: 'sudo',
      answer: 'bare',
      rootNamespaceOnly: true,
      openable: 'in-flight requests',
    },
    ({ core, exchange }) => {
      // Who asks is among them, as tools expect.
      core.inFlight.enter(exchange);
      return Object.fromEntries(core.inFlight.list().map(one => [one.id, shown(one)]));
    },
  ),
];
