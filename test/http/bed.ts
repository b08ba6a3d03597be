/** What the HTTP tests stand on: a clock that is turned by hand, a listener with a recording handler, a raw client. */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '@coffer/server/contracts/clock.ts';
import type { Log, LogFields } from '@coffer/server/contracts/log.ts';
import type { Handle, WireRequest } from '@coffer/server/contracts/wire.ts';
import type { Deadline } from '@coffer/server/http/deadlines.ts';
import { type HttpServer, startHttp } from '@coffer/server/http/server.ts';
import type { HttpLimits } from '@coffer/server/http/limits.ts';
import type { ListenOptions } from '@coffer/server/platform/net/listen.ts';

export class TurnedClock implements Clock {
  #elapsed = 0;
  #timers: { at: number; task: () => void }[] = [];

  now(): number {
    return Date.UTC(2026, 0, 2, 3, 4, 5) + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#elapsed + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  }

  /** Lets time pass, second by second, running what falls due. */
  turn(ms: number): void {
    for (const end = this.#elapsed + ms; this.#elapsed < end; ) {
      this.#elapsed = Math.min(end, this.#elapsed + 1000);
      const due = this.#timers.filter(timer => timer.at <= this.#elapsed);
      this.#timers = this.#timers.filter(timer => timer.at > this.#elapsed);
      for (const timer of due) timer.task();
    }
  }
}

export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly request: WireRequest;
}

export interface Bed {
  readonly server: HttpServer;
  readonly clock: TurnedClock;
  readonly seen: Seen[];
  readonly logged: { message: string; fields: LogFields | undefined }[];
}

export interface BedOptions {
  readonly limits?: Partial<HttpLimits>;
  readonly listen?: ListenOptions;
  /** In place of the one that records the request with its body and answers `METHOD target body`. */
  readonly handle?: Handle;
  readonly bodyLimit?: number;
  readonly deadline?: Deadline;
}

const text = new TextEncoder();
export const plain = (body: string, status = 200) => ({ status, headers: [], body: text.encode(body) });

export async function startBed(options: BedOptions = {}): Promise<Bed> {
  const clock = new TurnedClock();
  const seen: Seen[] = [];
  const logged: Bed['logged'] = [];
  const log: Log = { write: (_level, message, fields) => void logged.push({ message, fields }), with: () => log };
  const server = await startHttp({
    listen: options.listen ?? { address: { host: '127.0.0.1', port: 0 } },
    handle: options.handle ?? recording(seen, options.bodyLimit ?? 1_048_576),
    clock,
    log,
    limits: options.limits ?? {},
    ...(options.deadline === undefined ? {} : { deadline: options.deadline }),
  });
  return { server, clock, seen, logged };
}

/** Starts beds that are closed when the tests of a file are through; `after` is the runner's. */
export const bedsClosedAfter = (after: (close: () => Promise<void>) => void): typeof startBed => {
  const beds: Bed[] = [];
  after(async () => {
    for (const { server, clock } of beds) {
      const closed = server.close(0);
      clock.turn(2000);
      await closed;
    }
  });
  return async options => {
    const bed = await startBed(options);
    beds.push(bed);
    return bed;
  };
};

/** Bodies as text of one character for each byte. */
function recording(seen: Seen[], bodyLimit: number): Handle {
  return async request => {
    try {
      const body = Buffer.from(await request.body(bodyLimit)).toString('latin1');
      seen.push({ method: request.method, target: request.rawTarget, body, request });
      return plain(`${request.method} ${request.rawTarget} ${body}`);
    } catch (error) {
      if (!(error instanceof CofferError)) throw error;
      return plain(error.code, error.facts.http);
    }
  };
}

/** A client that writes what it is told, byte for byte. */
export class RawClient {
  readonly socket: Socket;
  received = '';
  isClosed = false;
  isEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', chunk => {
      this.received += chunk.toString('latin1');
    });
    socket.on('end', () => {
      this.isEnded = true;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  static to(bed: Bed): RawClient {
    return new RawClient(connect({ port: bed.server.port, host: '127.0.0.1', allowHalfOpen: true }));
  }

  send(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  /** The status lines received so far. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(found => Number(found[1]));
  }

  async hears(count: number): Promise<void> {
    await until(() => this.statuses.length >= count);
  }

  /** The server ended its side, or reset the connection. */
  async ended(): Promise<void> {
    await until(() => this.isEnded || this.isClosed);
  }
}

/** Waits for something that is about to happen; the ceiling only ends a run that is broken. */
export async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2500; turn++) {
    if (holds()) return;
    await pause(turn < 20 ? 0 : 2);
  }
  throw new Error('what the test waits for did not happen');
}

/** Long enough for what was sent to have arrived, where nothing is expected to happen. */
export const settle = (): Promise<void> => pause(30);
