/** A request of the general HTTP server, in the form the pipeline knows. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Peer, WireHeaders, WireRequest } from '../../contracts/wire.ts';
import { peerOf } from './socket.ts';

export class GeneralRequest implements WireRequest, WireHeaders {
  readonly method: string;
  readonly rawTarget: string;
  readonly peer: Peer;
  readonly #message: IncomingMessage;
  /** Where the client waits for `100 Continue` before it sends its body. */
  readonly #continues: ServerResponse | undefined;
  readonly #flows: (isAwaited: boolean) => void;
  #isContinued = false;

  /** `flows` hears when a body that is taken piece by piece waits for its client, and when it no longer does. */
  constructor(
    message: IncomingMessage,
    continues: ServerResponse | undefined,
    flows: (isAwaited: boolean) => void = () => {},
  ) {
    this.method = message.method ?? '';
    this.rawTarget = message.url ?? '';
    this.peer = peerOf(message.socket);
    this.#message = message;
    this.#continues = continues;
    this.#flows = flows;
  }

  get headers(): WireHeaders {
    return this;
  }

  get fieldCount(): number {
    return this.#message.rawHeaders.length / 2;
  }

  get(name: string): string | undefined {
    const raw = this.#message.rawHeaders;
    let found: string | undefined;
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const value = raw[index + 1] ?? '';
      if (raw[index]?.toLowerCase() === name) found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  entries(): Iterable<readonly [name: string, value: string]> {
    const names = this.#message.rawHeaders.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase());
    return new Map(names.map(name => [name, this.get(name) ?? '']));
  }

  async body(limitBytes: number): Promise<Uint8Array> {
    this.#begin(limitBytes);
    const pieces: Buffer[] = [];
    let length = 0;
    const take = (piece: Buffer): boolean => {
      length += piece.length;
      return length <= limitBytes && pieces.push(piece) > 0;
    };
    await readPieces(this.#message, take);
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  async *pieces(limitBytes: number): AsyncGenerator<Uint8Array> {
    this.#begin(limitBytes);
    // What is left of a body that is not wanted any more is read away after the answer.
    const source = this.#message.iterator({ destroyOnReturn: false });
    let length = 0;
    for (let piece = await this.#next(source); piece !== undefined; piece = await this.#next(source)) {
      length += piece.length;
      if (length > limitBytes) throw tooLarge();
      yield piece;
    }
  }

  async #next(source: AsyncIterator<unknown>): Promise<Uint8Array | undefined> {
    this.#flows(true);
    const step = await source.next().catch((cause: unknown) => {
      throw ended(cause);
    });
    this.#flows(false);
    if (step.done !== true) return step.value as Uint8Array;
    if (!this.#message.complete) throw ended();
    return undefined;
  }

  #begin(limitBytes: number): void {
    const announced = Number(this.#message.headers['content-length'] ?? 0);
    if (announced > limitBytes) throw tooLarge();
    this.#isContinued = true;
    this.#continues?.writeContinue();
  }

  /** Reads away what the client still sends, so that closing does not reset the connection under the answer. */
  dropRest(limitBytes: number): Promise<void> {
    const message = this.#message;
    const isSilent = this.#continues !== undefined && !this.#isContinued;
    if (message.readableEnded || message.destroyed || isSilent) return Promise.resolve();
    let dropped = 0;
    return new Promise(resolve => {
      message.on('end', resolve);
      message.on('close', resolve);
      message.on('data', (piece: Buffer) => {
        dropped += piece.length;
        if (dropped > limitBytes) resolve();
      });
      message.resume();
    });
  }
}

const ended = (cause?: unknown): CofferError =>
  new CofferError('request_timeout', 'the connection ended before the request body', { cause });

const tooLarge = (): CofferError => new CofferError('body_too_large', 'request body too large');

/** Resolves at the end of the body; rejects where `take` has enough or the connection ends before. */
function readPieces(message: IncomingMessage, take: (piece: Buffer) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (piece: Buffer): void => {
      if (take(piece)) return;
      message.pause();
      message.removeListener('data', onData);
      reject(tooLarge());
    };
    message.on('data', onData);
    message.on('end', resolve);
    message.on('close', () => reject(ended()));
  });
}
