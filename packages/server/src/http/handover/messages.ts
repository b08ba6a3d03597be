/**
 * A request that came in on one thread and is done by another, as the two tell each other of it. Bodies and answers that
 * come piece by piece are fetched piece by piece, so that a slow reader on one side holds up the other.
 */
import type { Openable, SocketMessage } from '@coffer/schema/row.ts';
import type { Transferred } from '../../platform/threads/calls.ts';

export interface RequestText {
  readonly id: number;
  readonly method: string;
  readonly rawTarget: string;
  /** By lower-case name. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly peer: { readonly address: string; readonly port: number; readonly secure: boolean };
  readonly opens: ReadonlySet<Openable> | undefined;
  readonly upgrades: boolean;
  /** Where it was there at once. */
  readonly body: Uint8Array | undefined;
}

export interface AnswerText {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | undefined;
  /** It comes piece by piece, as the body or as messages of a WebSocket. */
  readonly stream: { readonly as: 'body' | 'messages'; readonly isCut: boolean } | undefined;
}

export type Step<T> = { readonly done: false; readonly value: T } | { readonly done: true };

/** Of an answer: bytes of a body, or a message of a WebSocket. */
export type Piece = Uint8Array | SocketMessage;

/** What is asked of the thread that does requests. `id`: of the request. */
export type AskedOfDoer = {
  readonly request: (text: RequestText) => Promise<Transferred<AnswerText>>;
  readonly next: (id: number) => Promise<Step<Piece>>;
  readonly stop: (id: number) => void;
  /** Its client has closed its side. */
  readonly gone: (id: number) => void;
};

/** What is asked of the thread that took the request in. */
export type AskedOfTaker = {
  readonly body: (asked: BodyAsked) => Promise<Uint8Array>;
  readonly piece: (asked: BodyAsked) => Promise<Step<Uint8Array>>;
  /** The connection is to be ended. */
  readonly cut: (id: number) => void;
};

export interface BodyAsked {
  readonly id: number;
  readonly limitBytes: number;
}

/** Bytes in a buffer of their own, as only whole buffers are copied or transferred. */
export const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
