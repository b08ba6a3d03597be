/**
 * Questions and answers between two threads, both ways over one channel. Each side names what can be asked of it, so that what
 * is sent and what comes back have types. What fails with a `CofferError` fails with the same one at the other end; anything
 * else is told as `internal`, without its words.
 */
import { CofferError, type ErrorCode } from '@coffer/schema/errors.ts';

/** Name → a function of one argument. Arguments and answers are copied, or transferred where that is said. */
export type Askable = { readonly [name: string]: (what: never) => unknown };

/** What `Worker`, `MessagePort` and `parentPort` have in common. */
export interface Channel {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on(event: 'message', take: (message: unknown) => void): unknown;
}

/** An answer with bytes that leave this thread. */
export class Transferred<T> {
  readonly value: T;
  readonly buffers: readonly ArrayBuffer[];
  constructor(value: T, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

type Plain<T> = Awaited<T> extends Transferred<infer V> ? V : Awaited<T>;
export type AnswerTo<F extends Askable[string]> = Plain<ReturnType<F>>;

interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterSeconds: number | undefined;
}

type Message =
  | { readonly ask: string; readonly what: unknown; readonly id: number }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failure: Failure };

/** Nobody waits for the answer. */
const untold = 0;

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: CofferError) => void;
}

export class Calls<Mine extends Askable, Theirs extends Askable> {
  readonly #channel: Channel;
  readonly #mine: Mine;
  readonly #waiting = new Map<number, Waiting>();
  #last = untold;
  #ended: CofferError | undefined;

  constructor(channel: Channel, mine: Mine) {
    this.#channel = channel;
    this.#mine = mine;
    channel.on('message', message => this.#hear(message as Message));
  }

  ask<N extends keyof Theirs & string>(
    name: N,
    what: Parameters<Theirs[N]>[0],
    transfer?: readonly ArrayBuffer[],
  ): Promise<AnswerTo<Theirs[N]>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ ask: name, what, id }, transfer);
    });
  }

  /** As `ask`, where nobody wants to know what became of it. */
  tell<N extends keyof Theirs & string>(name: N, what: Parameters<Theirs[N]>[0]): void {
    if (this.#ended === undefined) this.#post({ ask: name, what, id: untold });
  }

  /** The other thread is gone: all who wait are refused. */
  end(reason: CofferError): void {
    this.#ended = reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #post(message: Message, transfer: readonly ArrayBuffer[] = []): void {
    this.#channel.postMessage(message, [...transfer]);
  }

  #hear(message: Message): void {
    if ('ask' in message) {
      void this.#answer(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (waiting === undefined) return;
    if ('failure' in message) waiting.reject(errorOf(message.failure));
    else waiting.resolve(message.answer as never);
  }

  async #answer({ ask, what, id }: Extract<Message, { ask: string }>): Promise<void> {
    let reply: Message;
    let transfer: readonly ArrayBuffer[] = [];
    try {
      const answer = await this.#mine[ask]?.(what as never);
      const isTransferred = answer instanceof Transferred;
      reply = { id, answer: isTransferred ? answer.value : answer };
      if (isTransferred) transfer = answer.buffers;
    } catch (cause) {
      reply = { id, failure: failureOf(cause) };
    }
    if (id !== untold && this.#ended === undefined) this.#post(reply, transfer);
  }
}

const failureOf = (cause: unknown): Failure =>
  cause instanceof CofferError
    ? { code: cause.code, message: cause.publicMessage, retryAfterSeconds: cause.retryAfterSeconds }
    : { code: 'internal', message: 'internal error in another thread', retryAfterSeconds: undefined };

const errorOf = ({ code, message, retryAfterSeconds }: Failure): CofferError =>
  new CofferError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
