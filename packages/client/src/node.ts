/**
 * For Node: a transport with certificates of one's own, and the token file. Everything else of the client needs no Node.
 */
import { readFile } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import {
  answerLimitBytes,
  connectionError,
  joinChunks,
  type Sink,
  sinkFor,
  type Transport,
  TransportError,
  type WireAnswer,
  type WireRequest,
} from './transport.ts';

export interface TlsOptions {
  /** PEM certificates of the authorities to trust in place of the system's. */
  readonly authorities?: readonly string[];
  /** PEM of the client's own certificate and key. */
  readonly certificate?: string;
  readonly key?: string;
  /** The name to expect in the server's certificate, and to ask for (SNI). */
  readonly serverName?: string;
  /** Accept any certificate: no protection against somebody in the middle. */
  readonly skipVerify?: boolean;
}

const socketTimeoutMs = 90_000;
const probeMs = 30_000;
const continueMs = 2_000;

const tlsOf = (options: TlsOptions): RequestOptions & { readonly [name: string]: unknown } => ({
  ...(options.authorities === undefined ? {} : { ca: [...options.authorities] }),
  ...(options.certificate === undefined ? {} : { cert: options.certificate }),
  ...(options.key === undefined ? {} : { key: options.key }),
  ...(options.serverName === undefined ? {} : { servername: options.serverName }),
  rejectUnauthorized: options.skipVerify !== true,
  minVersion: 'TLSv1.2',
});

const collect = (message: IncomingMessage, limitBytes: number): Promise<WireAnswer> =>
  new Promise((done, fail) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    message.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > limitBytes) {
        message.destroy();
        fail(new TransportError(`the answer is larger than ${limitBytes} bytes`, true));
      }
    });
    message.on('error', cause => fail(connectionError(cause)));
    message.on('end', () =>
      done({ status: message.statusCode ?? 0, headers: headersOf(message), body: joinChunks(chunks, length) }),
    );
  });

/** Piece by piece into the sink; a sink that fails ends the connection. */
const flow = async (message: IncomingMessage, sink: Sink): Promise<WireAnswer> => {
  try {
    for await (const piece of message) await sink(piece as Uint8Array);
  } catch (cause) {
    message.destroy();
    if (cause instanceof CofferError) throw cause;
    throw connectionError(cause);
  }
  return { status: message.statusCode ?? 0, headers: headersOf(message), body: new Uint8Array() };
};

const headersOf = (message: IncomingMessage): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

const flows = ({ source, sink }: WireRequest): boolean => source !== undefined || sink !== undefined;

const optionsOf = (request: WireRequest, tls: RequestOptions): RequestOptions => ({
  ...tls,
  method: request.method,
  headers: {
    ...Object.fromEntries(request.headers),
    ...(request.source === undefined ? { 'content-length': request.body?.length ?? 0 } : { expect: '100-continue' }),
  },
  signal: request.signal,
  // What flows may pause; that the other side is gone is then seen by the system's own probes.
  timeout: flows(request) ? 0 : socketTimeoutMs,
});

/**
 * Begins when the server says so (RFC 9110 §10.1.1), so that a refusal does not meet a body nobody reads; or after a while, as
 * not everything in between knows that. A server that answers before it has taken all is heard all the same.
 */
const pour = (source: AsyncIterable<Uint8Array>, outgoing: ClientRequest, reject: (error: Error) => void): void => {
  let state: 'waits' | 'pours' | 'answered' = 'waits';
  const begin = (): void => {
    if (state !== 'waits') return;
    state = 'pours';
    pourNow(source, outgoing, cause => state === 'pours' && reject(cause));
  };
  const timer = setTimeout(begin, continueMs);
  outgoing.once('continue', begin);
  outgoing.once('close', () => clearTimeout(timer));
  outgoing.once('response', () => {
    clearTimeout(timer);
    if (state === 'waits') outgoing.destroy();
    state = 'answered';
  });
  outgoing.flushHeaders();
};

const pourNow = (source: AsyncIterable<Uint8Array>, outgoing: ClientRequest, failed: (error: Error) => void): void => {
  pipeline(Readable.from(source, { objectMode: false }), outgoing).catch((cause: unknown) => {
    failed(cause instanceof CofferError ? cause : connectionError(cause));
  });
};

const exchange = (request: WireRequest, tls: RequestOptions, limitBytes: number): Promise<WireAnswer> =>
  new Promise((resolve, reject) => {
    const open = request.url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = open(request.url, optionsOf(request, tls), message => {
      const sink = sinkFor(request, message.statusCode ?? 0);
      const answer = sink === undefined ? collect(message, limitBytes) : flow(message, sink);
      answer.then(resolve, reject);
    });
    outgoing.on('error', cause => reject(connectionError(cause)));
    outgoing.on('timeout', () => outgoing.destroy(new Error('the server fell silent')));
    if (flows(request)) outgoing.setSocketKeepAlive(true, probeMs);
    if (request.source === undefined) outgoing.end(request.body);
    else pour(request.source, outgoing, reject);
  });

/** Sends over HTTP or HTTPS with these certificates. `limitBytes`: the largest answer that is read into memory. */
export const nodeTransport = (options: TlsOptions = {}, limitBytes: number = answerLimitBytes): Transport => {
  const tls = tlsOf(options);
  return request =>
    exchange(request, tls, limitBytes).catch((cause: unknown) => {
      // Certificates that cannot be read are found when the first connection is made.
      throw cause instanceof CofferError || cause instanceof TransportError ? cause : connectionError(cause);
    });
};

/** The token of a file, without the white space around it; `undefined` where there is no file or nothing in it. */
export const readTokenFile = async (path: string): Promise<Secret | undefined> => {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? undefined : Secret.of(text);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};
