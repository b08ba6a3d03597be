/**
 * For Node: a transport with certificates of one's own, and the token file. Everything else of the client needs no Node.
 */
import { readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Secret } from '@coffer/schema/secret.ts';
import {
  answerLimitBytes,
  connectionError,
  joinChunks,
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

const tlsOf = (options: TlsOptions): RequestOptions & { readonly [name: string]: unknown } => ({
  ...(options.authorities === undefined ? {} : { ca: [...options.authorities] }),
  ...(options.certificate === undefined ? {} : { cert: options.certificate }),
  ...(options.key === undefined ? {} : { key: options.key }),
  ...(options.serverName === undefined ? {} : { servername: options.serverName }),
  rejectUnauthorized: options.skipVerify !== true,
  minVersion: 'TLSv1.2',
});

const collect = (message: IncomingMessage, done: (answer: WireAnswer) => void, fail: (error: Error) => void): void => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  message.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length > answerLimitBytes) {
      message.destroy();
      fail(new TransportError(`the answer is larger than ${answerLimitBytes} bytes`, true));
    }
  });
  message.on('error', cause => fail(connectionError(cause)));
  message.on('end', () =>
    done({ status: message.statusCode ?? 0, headers: headersOf(message), body: joinChunks(chunks, length) }),
  );
};

const headersOf = (message: IncomingMessage): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

const optionsOf = (request: WireRequest, tls: RequestOptions): RequestOptions => ({
  ...tls,
  method: request.method,
  headers: { ...Object.fromEntries(request.headers), 'content-length': request.body?.length ?? 0 },
  signal: request.signal,
  timeout: socketTimeoutMs,
});

/** Sends over HTTP or HTTPS with these certificates. */
export const nodeTransport = (options: TlsOptions = {}): Transport => {
  const tls = tlsOf(options);
  return request =>
    new Promise((resolve, reject) => {
      const open = request.url.startsWith('https:') ? httpsRequest : httpRequest;
      const outgoing = open(request.url, optionsOf(request, tls), message => collect(message, resolve, reject));
      outgoing.on('error', cause => reject(connectionError(cause)));
      outgoing.on('timeout', () => outgoing.destroy(new Error('the server fell silent')));
      outgoing.end(request.body);
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
