/** Hands requests that came in here over to the thread that does them, and brings back what it answers. */
import type { SocketMessage } from '@coffer/schema/row.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { WireAnswer, WireRequest } from '../../contracts/wire.ts';
import type { Askable, Calls } from '../../platform/threads/calls.ts';
import type { AnswerText, AskedOfDoer, AskedOfTaker, Piece, RequestText, Step } from './messages.ts';
import { ownBytes } from './messages.ts';

/** Between two looks whether the client of a request that takes long is still there. */
const goneLookMs = 250;

interface Open {
  readonly wire: WireRequest;
  body: Promise<Uint8Array> | undefined;
  pieces: AsyncIterator<Uint8Array> | undefined;
  /** The connection is to be ended, whatever the answer is. */
  isCut: boolean;
}

export type ToDoer = Pick<Calls<Askable, AskedOfDoer & Askable>, 'ask' | 'tell'>;

export class Taker {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #open = new Map<number, Open>();
  readonly #cuts = new Map<number, AbortController>();
  #last = 0;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** What the other thread asks of requests that are under way. */
  readonly asked: AskedOfTaker = {
    body: async ({ id, limitBytes }) => {
      const open = this.#opened(id);
      open.body ??= Promise.resolve(open.wire.body(limitBytes));
      return ownBytes(await open.body);
    },
    piece: async ({ id, limitBytes }) => this.#piece(this.#opened(id), limitBytes),
    cut: id => {
      const open = this.#open.get(id);
      if (open !== undefined) open.isCut = true;
      this.#cuts.get(id)?.abort();
    },
  };

  /** Rejects where the other thread is gone. */
  async handOver(doer: ToDoer, wire: WireRequest, bodyLimitBytes: number | undefined): Promise<WireAnswer> {
    const id = ++this.#last;
    const open: Open = { wire, body: undefined, pieces: undefined, isCut: false };
    this.#open.set(id, open);
    const stopLooking = this.#lookWhetherGone(doer, id, wire);
    try {
      const body = bodyLimitBytes === undefined ? undefined : this.#bodyAtOnce(open, bodyLimitBytes);
      const text = textOf(wire, id, body);
      const answer = await doer.ask('request', text, text.body === undefined ? [] : [text.body.buffer as ArrayBuffer]);
      return this.#answer(doer, id, answer);
    } finally {
      stopLooking();
      this.#open.delete(id);
    }
  }

  #opened(id: number): Open {
    const open = this.#open.get(id);
    if (open === undefined) throw new TypeError('the request is under way no more');
    return open;
  }

  /** Undefined where it has to be waited for, or is refused: then the other thread asks. */
  #bodyAtOnce(open: Open, limitBytes: number): Uint8Array | undefined {
    try {
      const body = open.wire.body(limitBytes);
      if (!(body instanceof Promise)) return ownBytes(body);
      open.body = body;
    } catch (refusal) {
      open.body = Promise.reject(refusal);
    }
    // Whoever asks is told.
    open.body.catch(() => undefined);
    return undefined;
  }

  async #piece(open: Open, limitBytes: number): Promise<Step<Uint8Array>> {
    open.pieces ??= open.wire.pieces(limitBytes)[Symbol.asyncIterator]();
    const step = await open.pieces.next();
    return step.done === true ? { done: true } : { done: false, value: ownBytes(step.value) };
  }

  #lookWhetherGone(doer: ToDoer, id: number, { peer }: WireRequest): () => void {
    if (peer.isGone === undefined) return () => {};
    const look = (): (() => void) =>
      this.#clock.after(goneLookMs, () => {
        if (peer.isGone?.() === true) doer.tell('gone', id);
        else stop = look();
      });
    let stop = look();
    return () => stop();
  }

  #answer(doer: ToDoer, id: number, { status, headers, body, stream }: AnswerText): WireAnswer {
    if (stream === undefined) return { status, headers, body };
    const cut = stream.isCut ? this.#cut(id, this.#open.get(id)?.isCut === true) : undefined;
    const pieces = this.#stream(doer, id);
    return stream.as === 'body'
      ? { status, headers, body: pieces as AsyncIterable<Uint8Array>, cut }
      : { status, headers, body: undefined, messages: pieces as AsyncIterable<SocketMessage>, cut };
  }

  #cut(id: number, isCut: boolean): AbortSignal {
    const cut = new AbortController();
    // Those who write the answer listen from then on.
    if (isCut) this.#clock.after(0, () => cut.abort());
    this.#cuts.set(id, cut);
    return cut.signal;
  }

  #stream(doer: ToDoer, id: number): AsyncIterable<Piece> {
    const end = (): IteratorReturnResult<undefined> => {
      this.#cuts.delete(id);
      return { done: true, value: undefined };
    };
    const next = async (): Promise<IteratorResult<Piece, undefined>> => {
      const step = await doer.ask('next', id);
      return step.done ? end() : step;
    };
    const stop = async (): Promise<IteratorResult<Piece, undefined>> => {
      doer.tell('stop', id);
      return end();
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
  }
}

const textOf = (wire: WireRequest, id: number, body: Uint8Array | undefined): RequestText => {
  const { address, port, secure } = wire.peer;
  return {
    id,
    method: wire.method,
    rawTarget: wire.rawTarget,
    headers: [...wire.headers.entries()],
    peer: { address, port, secure },
    opens: wire.opens,
    upgrades: wire.upgrades === true,
    body,
  };
};
