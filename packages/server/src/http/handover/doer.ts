/** Does the requests that other threads took in. */
import { CofferError } from '@coffer/schema/errors.ts';
import { giveBack } from '@coffer/schema/json/write.ts';
import type { Openable } from '@coffer/schema/row.ts';
import type { Handle, Peer, WireAnswer, WireHeaders, WireRequest } from '../../contracts/wire.ts';
import { type Askable, type Calls, Transferred } from '../../platform/threads/calls.ts';
import { abandon } from '../abandon.ts';
import type { AnswerText, AskedOfDoer, AskedOfTaker, Piece, RequestText, Step } from './messages.ts';
import { ownBytes } from './messages.ts';

export type ToTaker = Pick<Calls<Askable, AskedOfTaker & Askable>, 'ask' | 'tell'>;

class Handed implements WireRequest {
  readonly method: string;
  readonly rawTarget: string;
  readonly headers: WireHeaders;
  readonly peer: Peer;
  readonly upgrades: boolean;
  readonly opens?: ReadonlySet<Openable>;
  isGone = false;
  readonly #id: number;
  readonly #body: Uint8Array | undefined;
  readonly #taker: ToTaker;

  constructor(text: RequestText, taker: ToTaker) {
    this.method = text.method;
    this.rawTarget = text.rawTarget;
    this.headers = new Map(text.headers);
    this.peer = { ...text.peer, isGone: () => this.isGone };
    this.upgrades = text.upgrades;
    if (text.opens !== undefined) this.opens = text.opens;
    this.#id = text.id;
    this.#body = text.body;
    this.#taker = taker;
  }

  body(limitBytes: number): Promise<Uint8Array> | Uint8Array {
    if (this.#body === undefined) return this.#taker.ask('body', { id: this.#id, limitBytes });
    if (this.#body.length <= limitBytes) return this.#body;
    throw new CofferError('body_too_large', 'request body too large');
  }

  async *pieces(limitBytes: number): AsyncGenerator<Uint8Array> {
    for (;;) {
      const step = await this.#taker.ask('piece', { id: this.#id, limitBytes });
      if (step.done) return;
      yield step.value;
    }
  }
}

export class Doer {
  readonly #handle: Handle;
  readonly #taker: () => ToTaker;
  readonly #requests = new Map<number, Handed>();
  readonly #streams = new Map<number, AsyncIterator<Piece>>();
  #isEnded = false;

  constructor(handle: Handle, taker: () => ToTaker) {
    this.#handle = handle;
    this.#taker = taker;
  }

  readonly asked: AskedOfDoer = {
    request: text => this.#request(text),
    next: id => this.#next(id),
    stop: id => {
      const stream = this.#streams.get(id);
      this.#streams.delete(id);
      void stream?.return?.().catch(() => undefined);
    },
    gone: id => {
      const request = this.#requests.get(id);
      if (request !== undefined) request.isGone = true;
    },
  };

  /** The other thread is gone, and whoever waited there: what comes piece by piece is told to stop. */
  end(): void {
    this.#isEnded = true;
    for (const request of this.#requests.values()) request.isGone = true;
    for (const id of this.#streams.keys()) this.asked.stop(id);
  }

  async #request(text: RequestText): Promise<Transferred<AnswerText>> {
    const request = new Handed(text, this.#taker());
    this.#requests.set(text.id, request);
    try {
      return this.#answer(text.id, await this.#handle(request));
    } finally {
      this.#requests.delete(text.id);
    }
  }

  #answer(id: number, { status, headers, body, isTransient, messages, cut }: WireAnswer): Transferred<AnswerText> {
    const pieces: AsyncIterable<Piece> | undefined = messages ?? (body instanceof Uint8Array ? undefined : body);
    if (pieces === undefined) {
      const own = body instanceof Uint8Array ? ownBytes(body) : undefined;
      if (isTransient === true) giveBack(body as Uint8Array);
      return new Transferred({ status, headers, body: own, stream: undefined }, own === undefined ? [] : [own.buffer]);
    }
    if (this.#isEnded) abandon({ messages, body } as WireAnswer);
    else this.#streams.set(id, pieces[Symbol.asyncIterator]());
    const tellCut = (): void => this.#taker().tell('cut', id);
    if (cut?.aborted === true) tellCut();
    else cut?.addEventListener('abort', tellCut, { once: true });
    const stream = { as: messages === undefined ? 'body' : 'messages', isCut: cut !== undefined } as const;
    return new Transferred({ status, headers, body: undefined, stream }, []);
  }

  async #next(id: number): Promise<Step<Piece>> {
    const stream = this.#streams.get(id);
    if (stream === undefined) return { done: true };
    try {
      const step = await stream.next();
      if (step.done !== true) return { done: false, value: copied(step.value) };
    } catch (cause) {
      this.#streams.delete(id);
      throw cause;
    }
    this.#streams.delete(id);
    return { done: true };
  }
}

const copied = (piece: Piece): Piece => {
  if (piece instanceof Uint8Array) return ownBytes(piece);
  return piece.kind === 'close' ? piece : { ...piece, bytes: ownBytes(piece.bytes) };
};
