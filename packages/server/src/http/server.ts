/**
 * The HTTP surface: sockets in, `Handle` out. No business rules: what a request means is the pipeline's.
 */
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { Handle } from '../contracts/wire.ts';
import { GeneralServer } from '../platform/net/general.ts';
import { type Accept, listen, type Listening, type ListenOptions } from '../platform/net/listen.ts';
import { originOf } from '../platform/net/origin.ts';
import type { Socket } from '../platform/net/socket.ts';
import { Admission } from './admission.ts';
import { Connection } from './connection.ts';
import { DateLine } from './date.ts';
import { type Deadline, Deadlines } from './deadlines.ts';
import { GivenConnection } from './given.ts';
import { Handshakes } from './handshakes.ts';
import { defaultHttpLimits, type HttpLimits } from './limits.ts';
import { described, Faults } from './refusal.ts';
import { Room } from './room.ts';
import type { Shared } from './shared.ts';
import { Sweep } from './sweep.ts';

export interface HttpOptions {
  readonly listen: ListenOptions;
  readonly handle: Handle;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<HttpLimits>;
  /** The longest a request may take to be answered; without, as long as it takes. */
  readonly deadline?: Deadline;
}

export interface HttpServer {
  /** `host:port` as bound, or the path of the unix socket. */
  readonly address: string;
  readonly port: number;
  /** Reads certificates and keys anew; rejects and keeps the old ones where they are not usable. */
  reload(): Promise<void>;
  /** Serves on, but every answer is the last of its connection: who keeps connections open goes elsewhere. */
  drain(): void;
  /** Accepts no more, ends idle connections, lets requests in flight finish, and ends what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const certificateLookMs = 30_000;

/** Resolves when connections are accepted. Rejects where the address or the certificate cannot be used. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { clock, deadline, handle, log } = options;
  const limits = { ...defaultHttpLimits, ...options.limits };
  const sweep = new Sweep(clock);
  const faults = new Faults(log, clock.now());
  const timed = deadline === undefined ? handle : new Deadlines(clock, deadline).handle(handle);
  const general = new GeneralServer(timed, limits);
  const shared: Shared = {
    handle,
    deadline,
    limits,
    sweep,
    faults,
    dateLine: new DateLine(clock),
    room: new Room(),
    closing: false,
    handOver: (socket, bytes) => general.take(socket, bytes, new GivenConnection(socket, shared)),
  };
  try {
    const listening = await listen(options.listen, accepting(options, shared));
    const stopFollowing = options.listen.tls === undefined ? () => {} : followFiles(options, listening);
    return {
      address: listening.address,
      port: listening.port,
      reload: async () => void (await listening.reload('always')),
      drain: () => {
        shared.closing = true;
      },
      close: graceMs => {
        stopFollowing();
        return closeAll(
          shared,
          listening.close(),
          clock.after(graceMs, () => endAll(sweep)),
        );
      },
    };
  } catch (error) {
    sweep.stop();
    throw error;
  }
}

function accepting(options: HttpOptions, shared: Shared): Accept {
  const { sweep, limits } = shared;
  const admission = new Admission(sweep.members, limits, options);
  const handshakes = options.listen.tls === undefined ? undefined : new Handshakes(sweep, limits.headerReadMs);
  return {
    admits: (socket: Socket): boolean => {
      if (!admission.admits(originOf(socket))) return false;
      handshakes?.begin(socket);
      return true;
    },
    connected: (socket: Socket): void => {
      handshakes?.finish(socket);
      void new Connection(socket, shared);
    },
  };
}

/** Puts new certificates to use as they appear. Half-written ones stay unused until the next look. */
function followFiles({ clock, log }: HttpOptions, listening: Listening): () => void {
  let isStopped = false;
  const look = async (): Promise<void> => {
    try {
      if (await listening.reload('changed')) log.write('info', 'certificates reloaded', { address: listening.address });
    } catch (error) {
      log.write('error', 'certificates changed but cannot be used', {
        address: listening.address,
        ...described(error),
      });
    }
    if (!isStopped) cancel = clock.after(certificateLookMs, () => void look());
  };
  let cancel = clock.after(certificateLookMs, () => void look());
  return () => {
    isStopped = true;
    cancel();
  };
}

async function closeAll(shared: Shared, closed: Promise<void>, cancel: () => void): Promise<void> {
  shared.closing = true;
  for (const member of shared.sweep.members) if (member.isIdle) member.close();
  await closed;
  cancel();
  shared.sweep.stop();
}

function endAll(sweep: Sweep): void {
  for (const member of sweep.members) member.destroy();
}
