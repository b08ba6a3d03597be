/**
 * One who follows the server's log. Lines wait here until they are asked for, up to a bound: whoever is slower than the log
 * is ended, with words, and not waited for.
 */
import type { Token } from '../tokens/token.ts';

/** What may wait for one reader. */
export const waitingLinesLimit = 2_000;
export const waitingBytesLimit = 1_048_576;

export const endings = {
  sealed: 'the store was sealed',
  shutDown: 'the server shuts down',
  denied: 'the token may not follow the log any more',
  tooSlow: 'too slow: lines were written faster than they were read',
} as const;
export type Ending = (typeof endings)[keyof typeof endings];

export interface Follower {
  readonly token: Token;
  /** As it was asked for. */
  readonly path: string;
  /** Called once, when it ends. */
  readonly left: (monitor: Monitor) => void;
}

const utf8 = new TextEncoder();
const over: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class Monitor implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly follower: Follower;
  readonly #ended = new AbortController();
  /** The first piece is empty: the head of the answer leaves before there is a line. */
  #waiting: Uint8Array[] = [new Uint8Array(0)];
  #bytes = 0;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(follower: Follower) {
    this.follower = follower;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Aborts when it ends, for whatever reason. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Its last words were read, or nobody reads any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** A line with its newline. */
  take(line: string): void {
    if (this.ended.aborted) return;
    const bytes = utf8.encode(line);
    this.#bytes += bytes.length;
    this.#waiting.push(bytes);
    if (this.#waiting.length > waitingLinesLimit || this.#bytes > waitingBytesLimit) this.end(endings.tooSlow);
    else this.#wake();
  }

  /** What waits is dropped where it was too much; otherwise it is still read, and then the reason. The first one counts. */
  end(reason: Ending): void {
    if (this.ended.aborted) return;
    if (reason === endings.tooSlow) this.#waiting = [];
    this.#waiting.push(utf8.encode(`==> the log is not followed any more: ${reason}\n`));
    this.#finish();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#waiting.length === 0 && !this.ended.aborted)
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    const [line] = this.#waiting;
    if (line === undefined) {
      this.#isOver = true;
      return over;
    }
    const all = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    return { done: false, value: all.length === 1 ? line : joined(all) };
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    this.#waiting = [];
    if (!this.ended.aborted) this.#finish();
    return Promise.resolve(over);
  }

  #finish(): void {
    this.#ended.abort();
    this.follower.left(this);
    this.#wake();
  }
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
};
