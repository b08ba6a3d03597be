/**
 * The driver, `pg`: it connects, agrees on TLS and proves who we are. What is asked afterwards goes as one *trip*: several
 * statements sent together, answered together, behind a single Sync, so that the first that fails undoes those after it.
 * Statements are prepared once for each connection; parameters and columns are binary.
 */
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { Messages, type Row } from './wire.ts';

export interface Statement {
  /** Of the prepared statement. */
  readonly name: string;
  readonly text: string;
}

export interface Step {
  readonly statement: Statement;
  /** In the binary format of their types. */
  readonly values: readonly (Buffer | null)[];
}

export interface Answer {
  readonly rows: readonly Row[];
  /** What the server calls what it has done: `COMMIT`, `UPDATE 1`. */
  readonly tag: string;
}

/** What the driver hands to those who speak for themselves; `@types/pg` does not have all of it. */
export interface Wire {
  readonly stream: Corked;
  parse(statement: Statement): void;
  bind(bound: { statement: string; values: readonly unknown[]; binary: boolean }): void;
  execute(limit: object): void;
}

interface Corked {
  cork(): void;
  uncork(): void;
}

/** What ends a trip. */
interface Synced {
  sync(): void;
}

interface Listened {
  on(name: 'data', listener: (bytes: Buffer) => void): unknown;
  once(name: 'end', listener: () => void): unknown;
  destroy(cause?: Error): unknown;
}

interface PlainConnection extends EventEmitter {
  attachListeners(stream: EventEmitter): void;
}

const PlainConnection = (pg as unknown as { Connection: new (options: object) => PlainConnection }).Connection;

/** Rows are read here, every other message by the driver as ever. */
export class BinaryConnection extends PlainConnection {
  override attachListeners(stream: EventEmitter): void {
    const others = new EventEmitter();
    super.attachListeners(others);
    const messages = new Messages({
      row: fields => this.emit('dataRow', { fields }),
      other: message => others.emit('data', message),
    });
    const socket = stream as unknown as Listened;
    socket.on('data', bytes => {
      try {
        messages.push(bytes);
      } catch (cause) {
        socket.destroy(cause instanceof Error ? cause : undefined);
      }
    });
    socket.once('end', () => others.emit('end'));
  }
}

/** Made for one use. `prepared` holds the names of what its connection knows already. */
export class Trip {
  readonly done: Promise<readonly Answer[]>;
  readonly #steps: readonly Step[];
  readonly #prepared: Set<string>;
  readonly #answers: Answer[] = [];
  #rows: Row[] = [];
  #resolve: (answers: readonly Answer[]) => void = () => {};
  #reject: (cause: unknown) => void = () => {};

  constructor(steps: readonly Step[], prepared: Set<string>) {
    this.#steps = steps;
    this.#prepared = prepared;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(wire: Wire & Synced): null {
    wire.stream.cork();
    for (const { statement, values } of this.#steps) {
      const { name, text } = statement;
      if (name === '' || !this.#prepared.has(name)) wire.parse({ name, text });
      this.#prepared.add(name);
      wire.bind({ statement: name, values, binary: true });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  handleDataRow({ fields }: { readonly fields: Row }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#answers.push({ rows: this.#rows, tag: text });
    this.#rows = [];
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#answers);
  }

  handleError(cause: unknown): void {
    this.#reject(cause);
  }

  /** Nothing of these is ever asked for. */
  handleRowDescription(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}
