/**
 * An audit device as a thread that only reads has it: its records go to the thread that writes, which ends them, ties them to
 * all others and writes them. Resolves when they have reached the device. While some are on their way those that come meanwhile
 * wait and go together.
 */
import type { AuditSink } from '../../contracts/audit.ts';
import { turn } from '../../platform/clock/turn.ts';

export interface RecordsFor {
  readonly device: string;
  readonly records: readonly string[];
}

/** Resolves when the records have reached the device. */
export type SendRecords = (records: RecordsFor) => Promise<unknown>;

interface Batch extends PromiseWithResolvers<void> {
  readonly records: string[];
}

export class FrontSink implements AuditSink {
  readonly path: string;
  readonly type: string;
  readonly #send: SendRecords;
  #waiting: Batch | undefined;
  #isUnderWay = false;

  constructor({ path, type }: Pick<AuditSink, 'path' | 'type'>, send: SendRecords) {
    this.path = path;
    this.type = type;
    this.#send = send;
  }

  write(records: readonly string[]): Promise<void> {
    const batch = (this.#waiting ??= { records: [], ...Promise.withResolvers<void>() });
    batch.records.push(...records);
    if (!this.#isUnderWay) void this.#sendAll();
    return batch.promise;
  }

  async #sendAll(): Promise<void> {
    this.#isUnderWay = true;
    while (this.#waiting !== undefined) {
      // What the rest of this turn and the next bring goes along: a message costs more than what is in it.
      await turn();
      await turn();
      const { records, resolve, reject } = this.#waiting;
      this.#waiting = undefined;
      await this.#send({ device: this.path, records }).then(() => resolve(), reject);
    }
    this.#isUnderWay = false;
  }

  /** The other thread's to do. */
  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}
