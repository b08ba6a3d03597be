/** Has a thread move the write-ahead log into the file. It is started when it is needed first: many a store never has so long a log. */
import type { Worker } from 'node:worker_threads';
import { type Failure, failureOf } from './failure.ts';
import type { FromMover, ToMover } from './messages.ts';
import { startMover } from './thread.ts';

export class Moves {
  readonly #path: string;
  /** As much is moved as could be, or the device failed. */
  readonly #moved: (failure: Failure | undefined) => void;
  #thread: Worker | undefined;
  #isMoving = false;
  #closed: (() => void) | undefined;

  constructor(path: string, moved: (failure: Failure | undefined) => void) {
    this.#path = path;
    this.#moved = moved;
  }

  move(): void {
    this.#isMoving = true;
    this.#say(this.#started(), 'move');
  }

  /** Resolves when it holds the file no more. */
  close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return Promise.resolve();
    return new Promise(resolve => {
      this.#closed = resolve;
      this.#say(thread, 'close');
    });
  }

  #say(thread: Worker, message: ToMover): void {
    thread.postMessage(message, []);
  }

  #started(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = startMover({ path: this.#path });
    thread.on('message', ({ failure }: FromMover) => this.#done(failure));
    thread.on('error', error => this.#done(failureOf(error, this.#path)));
    thread.on('exit', () => this.#ended());
    this.#thread = thread;
    return thread;
  }

  #done(failure: Failure | undefined): void {
    this.#isMoving = false;
    this.#moved(failure);
  }

  /** The next move starts another one. */
  #ended(): void {
    this.#thread = undefined;
    if (this.#closed !== undefined) this.#closed();
    else if (this.#isMoving) this.#done(failureOf(undefined, this.#path));
  }
}
