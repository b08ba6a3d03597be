/** One HTTP request and its answer, as `http/` hands them to the pipeline: no Node types, nothing decoded yet. */
import type { Openable, SocketMessage } from '@coffer/schema/row.ts';

export interface WireRequest {
  /** Upper case, as it came: `GET`, `LIST` … */
  readonly method: string;
  /** The request target exactly as it came, one character for each byte. */
  readonly rawTarget: string;
  readonly headers: WireHeaders;
  readonly peer: Peer;
  /** What the listener it came through opens to callers without a token; nothing where it is left out. */
  readonly opens?: ReadonlySet<Openable>;
  /** It asks for a WebSocket, in a form that its connection can go on with: an answer may have `messages`. */
  readonly upgrades?: boolean;
  /**
   * The whole body, empty where there is none. May be called once. Rejects with `CofferError` `body_too_large` past the
   * limit (also when only announced), `request_timeout` where the client is too slow.
   */
  body(limitBytes: number): Promise<Uint8Array> | Uint8Array;
  /**
   * The body piece by piece, in place of `body`: however long it is in all, the client has its time anew for each piece, and
   * none is taken from it before it is asked for. Throws what `body` rejects with.
   */
  pieces(limitBytes: number): AsyncIterable<Uint8Array>;
}

export interface WireHeaders {
  /** By lower-case name; values of a repeated header joined by `, `. One character for each byte. */
  get(name: string): string | undefined;
  /** Each as `get` answers it. */
  entries(): Iterable<readonly [name: string, value: string]>;
}

export interface Peer {
  readonly address: string;
  readonly port: number;
  /** True where the connection is TLS. */
  readonly secure: boolean;
  /** Whether the client has closed its side, and so most likely waits for no answer. Unknown where it is left out. */
  readonly isGone?: () => boolean;
}

export interface WireAnswer {
  readonly status: number;
  /** Content-Length, Date and Connection are the server's own. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** The body is a piece of its own that `transient` made, and nobody else's: who has sent it may give it back. */
  readonly isTransient?: boolean;
  /** Once aborted the connection is ended, whatever is left to send. Only of an answer that goes on. */
  readonly cut?: AbortSignal | undefined;
  /** The connection becomes a WebSocket and carries these. Only where the request `upgrades`. */
  readonly messages?: AsyncIterable<SocketMessage>;
}

/** Never rejects: every failure is already an answer. */
export type Handle = (request: WireRequest) => Promise<WireAnswer>;
