/**
 * One exchange with the API server: a request out, the head of an answer in, within a time. What fails here is told apart
 * by whether the request can have arrived.
 */
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import { callsLimit, exchangeLimitMs } from './bounds.ts';
import type { Credentials, Endpoint, Identity } from './credentials.ts';
import { type Agents, Pool } from './pool.ts';

export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query, without what the server's address itself has before it. */
  readonly path: string;
  readonly accept: string;
  readonly contentType?: string | undefined;
  readonly body?: Uint8Array | undefined;
  /** Asked at the last moment, when everything waited for is there; what it throws is thrown, and nothing is sent. */
  readonly check?: (() => void) | undefined;
}

/** No answer, or only a part of one. */
export class Broken extends Error {
  /** False: the request certainly did not reach the API server. */
  readonly sent: boolean;
  /** Trying again would end in the same way. */
  readonly final: boolean;

  constructor(why: string, sent: boolean, final = false) {
    super(why);
    this.sent = sent;
    this.final = final;
  }
}

/** An answer whose body is still to come. */
export interface Exchange {
  readonly answer: IncomingMessage;
  /** Who asked. */
  readonly identity: Identity;
  /** Ends it, whatever is still to come. */
  end(): void;
}

export interface Transport {
  /** Call and answer within the time limit; the time goes on until `end`. Throws `Broken`. */
  call(outgoing: Outgoing): Promise<Exchange>;
  /** The head within the time limit, the body without. */
  stream(outgoing: Outgoing, signal: AbortSignal): Promise<Exchange>;
  close(): void;
}

export interface TransportOptions {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly userAgent: string;
}

const isConnecting = (socket: Socket & { readonly secureConnecting?: boolean }): boolean =>
  socket.connecting || socket.secureConnecting === true;

/** Calls `connected` once bytes of the request can leave. */
const whenConnected = (request: ClientRequest, connected: () => void): void => {
  request.once('socket', socket => {
    if (isConnecting(socket)) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    else connected();
  });
};

/** Codes of Node and OpenSSL for certificates and keys that do not fit; they do not mend themselves. */
const untrusted =
  /^(?:ERR_(?:TLS|SSL|OSSL)|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(?:CA|PURPOSE)|HOSTNAME_)/;

/** By its code alone: texts may quote. */
const brokenBy = (error: unknown, sent: boolean): Broken => {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return new Broken('the connection failed', sent);
  if (!untrusted.test(code)) return new Broken(code, sent);
  const fields = 'certificate-authority, tls-server-name, client-certificate and client-key';
  return new Broken(`${code}: its certificate or ours is not accepted; look at ${fields}`, sent, true);
};

interface Sending {
  readonly request: ClientRequest;
  readonly clock: Clock;
  readonly body: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends, and waits for the head. `done` stops the time. */
const headOf = async ({ request, clock, body, signal }: Sending) => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  let sent = false;
  const fail = (why: string): void => {
    reject(new Broken(why, sent));
    request.destroy();
  };
  const cancel = clock.after(exchangeLimitMs, () => fail(`no answer within ${exchangeLimitMs / 1_000} s`));
  const stop = (): void => fail('stopped');
  signal?.addEventListener('abort', stop, { once: true });
  const done = (): void => {
    cancel();
    signal?.removeEventListener('abort', stop);
  };
  whenConnected(request, () => (sent = true));
  request.on('error', error => reject(brokenBy(error, sent)));
  request.once('response', resolve);
  request.end(body);
  try {
    const answer = await promise;
    // Read errors are seen by whoever reads; nobody may be reading any more.
    answer.on('error', () => undefined);
    return { answer, done, cancel };
  } catch (error) {
    done();
    throw error;
  }
};

const headersOf = (outgoing: Outgoing, identity: Identity, userAgent: string) => ({
  accept: outgoing.accept,
  'user-agent': userAgent,
  ...Object.fromEntries(
    Object.entries(identity.impersonation).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value],
    ]),
  ),
  ...(identity.authorization === undefined ? {} : { authorization: identity.authorization.revealText() }),
  ...(outgoing.contentType === undefined ? {} : { 'content-type': outgoing.contentType }),
  ...(outgoing.body === undefined ? {} : { 'content-length': outgoing.body.length }),
});

export const transportOf = ({ endpoint, credentials, clock, userAgent }: TransportOptions): Transport => {
  const pool = new Pool(endpoint);
  const base = endpoint.url.pathname.replace(/\/+$/, '');
  const isSecure = endpoint.url.protocol === 'https:';
  let underWay = 0;

  const begin = (options: RequestOptions): ClientRequest => {
    try {
      return (isSecure ? secureRequest : plainRequest)(options);
    } catch (error) {
      throw brokenBy(error, false);
    }
  };

  /** What cannot be read of a certificate, a key or an authority is seen here. */
  const agentsFor = async ({ certificate }: Identity): Promise<Agents> => {
    try {
      return await pool.agents(certificate);
    } catch (error) {
      throw error instanceof CofferError ? error : brokenBy(error, false);
    }
  };

  const send = async (outgoing: Outgoing, kind: 'call' | 'stream', signal?: AbortSignal) => {
    const identity = await credentials.current();
    const agents = await agentsFor(identity);
    outgoing.check?.();
    const request = begin({
      hostname: endpoint.url.hostname.replace(/^\[|\]$/g, ''),
      port: endpoint.url.port,
      method: outgoing.method,
      path: base + outgoing.path,
      agent: agents[kind],
      headers: headersOf(outgoing, identity, userAgent),
    });
    return { request, identity, ...(await headOf({ request, clock, body: outgoing.body, signal })) };
  };

  return {
    call: async outgoing => {
      if (underWay >= callsLimit) throw new Broken(`more than ${callsLimit} calls are under way`, false);
      underWay += 1;
      try {
        const { request, identity, answer, done } = await send(outgoing, 'call');
        return { answer, identity, end: once(() => (done(), finish(request, answer), (underWay -= 1))) };
      } catch (error) {
        underWay -= 1;
        throw error;
      }
    },
    stream: async (outgoing, signal) => {
      const { request, identity, answer, cancel, done } = await send(outgoing, 'stream', signal);
      cancel();
      return { answer, identity, end: once(() => (done(), request.destroy())) };
    },
    close: () => pool.close(),
  };
};

/** A socket is kept only where the answer was read to its end. */
const finish = (request: ClientRequest, answer: IncomingMessage): void => {
  if (!answer.complete || !answer.readableEnded) request.destroy();
};

const once = (task: () => void): (() => void) => {
  let ran = false;
  return () => {
    if (ran) return;
    ran = true;
    task();
  };
};
