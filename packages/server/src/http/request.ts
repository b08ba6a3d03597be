/** One request of the front parser, as the pipeline sees it. */
import type { Peer, WireHeaders, WireRequest } from '../contracts/wire.ts';
import type { IncomingBody } from './body.ts';
import type { Head } from './head.ts';

const empty = new Uint8Array(0);

export class FrontRequest implements WireRequest {
  readonly method: string;
  readonly rawTarget: string;
  readonly headers: WireHeaders;
  readonly peer: Peer;
  readonly upgrades: boolean;
  readonly #incoming: IncomingBody | undefined;

  constructor(head: Head, peer: Peer, incoming: IncomingBody | undefined) {
    this.method = head.method;
    this.rawTarget = head.rawTarget;
    this.headers = head;
    this.peer = peer;
    this.upgrades = head.upgrades;
    this.#incoming = incoming;
  }

  body(limitBytes: number): Promise<Uint8Array> | Uint8Array {
    return this.#incoming === undefined ? empty : this.#incoming.read(limitBytes);
  }

  pieces(limitBytes: number): AsyncIterable<Uint8Array> {
    return this.#incoming === undefined ? nothing() : this.#incoming.pieces(limitBytes);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* [];
}
