/**
 * The general HTTP server for what is legal but outside of the narrow grammar of the front parser (D1): chunked bodies,
 * `Expect`, HTTP/1.0, foreign methods and forms. It never listens: connections are given to it.
 *
 * Promises: one request for each connection, which closes after its answer. A client that goes on pipelining would
 * otherwise meet two parsers on one connection, and LIST would fail on the second.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Handle, WireAnswer } from '../../contracts/wire.ts';
import { isFieldName, isFieldValue, isOwnHeader } from './field.ts';
import { GeneralRequest } from './general-request.ts';
import { drained, limitStall, type Socket } from './socket.ts';

export interface GeneralLimits {
  readonly headBytes: number;
  readonly headerFields: number;
  /** Bytes of an unread body that are read away before the answer ends. */
  readonly drainBytes: number;
  /** How long a client may take nothing of an answer that waits for it. */
  readonly writeStallMs: number;
}

export interface FlowWatch {
  /** The request arrives piece by piece, and the next one is awaited, or is not. */
  flows(isAwaited: boolean): void;
}

/** How the owner of a connection learns where its one request stands. */
export interface Watch extends FlowWatch {
  /** The request has wholly arrived. */
  arrived(): void;
  /** Made from what the handler threw. */
  failed(thrown: unknown): WireAnswer;
  /** Made where the general server's own parser refuses the request. */
  refused(): WireAnswer;
}

export class GeneralServer {
  readonly #server: Server;
  readonly #handle: Handle;
  readonly #limits: GeneralLimits;
  readonly #watches = new WeakMap<object, Watch>();

  constructor(handle: Handle, limits: GeneralLimits) {
    this.#handle = handle;
    this.#limits = limits;
    this.#server = createServer({ maxHeaderSize: limits.headBytes, requireHostHeader: true, keepAlive: false });
    this.#server.maxHeadersCount = 0;
    // A client may close its side after the request, as `nc` does, and still wants the answer.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on('request', (request, response) => this.#answer(request, response, false));
    this.#server.on('checkContinue', (request, response) => this.#answer(request, response, true));
    this.#server.on('clientError', (_error, socket) => this.#refuse(socket as Socket));
  }

  /** Takes a connection over; `bytes` were read from it and belong to its next request. */
  take(socket: Socket, bytes: Buffer, watch: Watch): void {
    this.#watches.set(socket, watch);
    socket.pause();
    const unread = [bytes];
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      unread.push(chunk);
    }
    this.#server.emit('connection', socket);
    socket.unshift(unread.length === 1 ? bytes : Buffer.concat(unread));
    socket.resume();
  }

  #answer(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const watch = this.#watches.get(request.socket);
    if (watch === undefined) return;
    this.#watches.delete(request.socket);
    response.shouldKeepAlive = false;
    response.on('error', () => request.socket.destroy());
    request.on('error', () => {});
    if (hasBody(request)) request.on('end', watch.arrived);
    else watch.arrived();
    const asked = new GeneralRequest(request, expectsContinue ? response : undefined, isAwaited =>
      watch.flows(isAwaited),
    );
    this.#run(asked, watch)
      .then(answer => this.#send(startAnswer(response, answer, watch), asked, response))
      .catch(() => request.socket.destroy());
  }

  async #run(asked: GeneralRequest, watch: Watch): Promise<WireAnswer> {
    if (asked.fieldCount > this.#limits.headerFields) return watch.refused();
    try {
      return await this.#handle(asked);
    } catch (thrown) {
      return watch.failed(thrown);
    }
  }

  async #send(answer: WireAnswer, asked: GeneralRequest, response: ServerResponse): Promise<void> {
    const { status, body } = answer;
    const sendsBody = asked.method !== 'HEAD' && mayHaveLength(status);
    if (!sendsBody || body === undefined) {
      response.flushHeaders();
      if (body !== undefined && !(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
    } else if (body instanceof Uint8Array) response.write(body);
    else await this.#writePieces(response, body, answer.cut);
    await asked.dropRest(this.#limits.drainBytes);
    if (response.socket !== null) limitStall(response.socket, this.#limits.writeStallMs);
    response.end();
  }

  async #writePieces(response: ServerResponse, body: AsyncIterable<Uint8Array>, cut?: AbortSignal): Promise<void> {
    const source = body[Symbol.asyncIterator]();
    const stop = (): void => void source.return?.()?.catch(() => {});
    const end = (): void => void response.destroy();
    const { socket } = response;
    response.once('close', stop);
    cut?.addEventListener('abort', end);
    // Who closes its side wants no more of what has no end of its own.
    if (cut !== undefined && socket?.readableEnded === true) end();
    else if (cut !== undefined) socket?.once('end', end);
    try {
      await this.#writeAll(response, { [Symbol.asyncIterator]: () => source });
    } finally {
      response.removeListener('close', stop);
      cut?.removeEventListener('abort', end);
      socket?.removeListener('end', end);
    }
  }

  async #writeAll(response: ServerResponse, body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of body) {
      const { socket } = response;
      if (socket === null || socket.destroyed) return;
      if (piece.length === 0 || response.write(piece)) continue;
      limitStall(socket, this.#limits.writeStallMs);
      await drained(response);
      limitStall(socket, 0);
    }
  }

  /** Node's own parser refused what the front parser had let through, or the chunks of the body are malformed. */
  #refuse(socket: Socket): void {
    const watch = this.#watches.get(socket);
    this.#watches.delete(socket);
    if (watch === undefined || !socket.writable) return void socket.destroy();
    const { status, headers, body } = watch.refused();
    const length = body instanceof Uint8Array ? body.length : 0;
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`HTTP/1.1 ${status} Bad Request\r\n${lines}Content-Length: ${length}\r\nConnection: close\r\n\r\n`);
    if (body instanceof Uint8Array) socket.write(body);
    socket.end();
  }
}

/** Nobody may read a body that is not there, so its end would not be told. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;

/** Writes the head; of the answer that a bug gets where this one cannot be written. */
function startAnswer(response: ServerResponse, answer: WireAnswer, watch: Watch): WireAnswer {
  try {
    response.writeHead(answer.status, flatHeaders(answer));
    return answer;
  } catch (thrown) {
    const failed = watch.failed(thrown);
    response.writeHead(failed.status, flatHeaders(failed));
    return failed;
  }
}

/** RFC 9110 §8.6: no length of what cannot have content. */
const mayHaveLength = (status: number): boolean => status !== 204 && status !== 304;

/** Throws `TypeError` where a header could not stand in an answer. */
function flatHeaders({ status, headers, body }: WireAnswer): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (!isFieldName(name) || isOwnHeader(name) || !isFieldValue(value)) throw new TypeError('bad header in an answer');
    flat.push(name, value);
  }
  if (mayHaveLength(status) && (body === undefined || body instanceof Uint8Array))
    flat.push('Content-Length', String(body?.length ?? 0));
  return flat;
}
