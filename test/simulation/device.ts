/** The audit device of a node: it takes records, late or not at all, and knows which answers it has on record. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditSink } from '@coffer/server/contracts/audit.ts';
import type { Machine } from './machine.ts';

export interface DeviceTrouble {
  /** It takes none. */
  readonly full: boolean;
  /** It takes them so much later. */
  readonly lateMs: number;
}

export const noDeviceTrouble: DeviceTrouble = { full: false, lateMs: 0 };

/** As records are laid out: the id of the request stands before its operation. */
const answerOf = /"type":"response",.*?"id":"([0-9a-f-]{36})","operation"/;

export class Device implements AuditSink {
  readonly path = 'audit/';
  readonly type = 'file';
  trouble = noDeviceTrouble;
  readonly #machine: Machine;
  readonly #answers = new Set<string>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  async write(records: readonly string[]): Promise<void> {
    const { full, lateMs } = this.trouble;
    if (full) throw new CofferError('audit_failed', 'the simulated device is full');
    if (lateMs > 0) await this.#machine.arrive(lateMs, () => this.#take(records));
    else this.#take(records);
  }

  #take(records: readonly string[]): void {
    for (const record of records) {
      const [, id] = answerOf.exec(record) ?? [];
      if (id !== undefined) this.#answers.add(id);
    }
  }

  /** Whether the answer to the request with this id is on record. */
  has(requestId: string): boolean {
    return this.#answers.has(requestId);
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}
