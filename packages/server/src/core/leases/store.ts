/** Leases at rest: read, changed under their revision, removed, and walked in bounded steps. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Check, Write } from '../../contracts/storage.ts';
import type { Collection, Held } from '../barrier/collection.ts';
import { isClosed, reasonOf } from '../barrier/trouble.ts';
import { turn } from '../../platform/clock/turn.ts';
import { indexWrites, type Lease, leaseIdLimitBytes, leaseRecords, leaseStep } from './lease.ts';

/** A change loses this many races before it gives up. */
const attemptsLimit = 32;
/** Records whose trouble the log was told; each once. */
const toldLimit = 1000;
const utf8 = new TextEncoder();

export const isLeaseId = (id: string): boolean =>
  id !== '' && id.isWellFormed() && id.length <= leaseIdLimitBytes && utf8.encode(id).length <= leaseIdLimitBytes;

export class LeaseStore {
  readonly #storage: MountStorage;
  readonly #records: Collection<Lease>;
  readonly #log: Log;
  readonly #told: Set<string>;

  /** `told`: leases that are known not to be readable, for stores of the same records to share. */
  constructor(storage: MountStorage, log: Log, told = new Set<string>()) {
    this.#storage = storage;
    this.#log = log;
    this.#told = told;
    this.#records = leaseRecords(storage);
  }

  async get(id: string): Promise<Held<Lease> | undefined> {
    return isLeaseId(id) ? this.#records.get(id) : undefined;
  }

  /** Answers whether it was added: `checks` are what must still be there. */
  async add(lease: Lease, checks: readonly Check[]): Promise<boolean> {
    const { ok } = await this.#storage.commit({
      checks: [this.#records.check(lease.id, 'absent'), ...checks],
      writes: [this.#records.put(lease.id, lease), ...indexWrites(undefined, lease)],
    });
    return ok;
  }

  /** Changes what `change` makes of each lease, in one commit; undefined leaves one. Answers false where one was changed meanwhile. */
  async replace(held: readonly Held<Lease>[], change: (lease: Lease) => Lease | undefined): Promise<boolean> {
    const checks: Check[] = [];
    const writes: Write[] = [];
    for (const { record, revision } of held) {
      const next = change(record);
      if (next === undefined) continue;
      checks.push(this.#records.check(record.id, revision));
      writes.push(this.#records.put(record.id, next), ...indexWrites(record, next));
    }
    if (writes.length === 0) return true;
    return (await this.#storage.commit({ checks, writes })).ok;
  }

  /** Changes one lease; `change` sees the newest record. Answers it as it then is. */
  async update(id: string, change: (lease: Lease) => Lease | undefined): Promise<Lease | undefined> {
    for (let attempt = 0; attempt < attemptsLimit; attempt++) {
      const held = await this.get(id);
      const next = held === undefined ? undefined : change(held.record);
      if (held === undefined || next === undefined) return held?.record;
      if (await this.replace([held], () => next)) return next;
    }
    throw tooMany();
  }

  /**
   * Changes all leases of an index, or of a part of it, in order, a step in each commit; `change` leaves one by answering
   * undefined. Answers after each step the ids of all that it came to.
   */
  async *each(
    { index, part = '' }: { readonly index: string; readonly part?: string },
    change: (lease: Lease) => Lease | undefined,
  ): AsyncGenerator<readonly string[]> {
    const prefix = index + part;
    let lost = 0;
    let after: string | undefined;
    for (;;) {
      const keys = await this.keys(prefix, after);
      if (keys.length === 0) return;
      const held = await this.all(keys.map(key => key.slice(index.length)));
      if (!(await this.replace(held, change))) {
        if (++lost >= attemptsLimit) throw tooMany();
        continue;
      }
      lost = 0;
      after = keys.at(-1);
      yield held.map(({ record }) => record.id);
    }
  }

  /** Those of them that are there. One that cannot be read must not hold up the others: it is told and passed over. */
  async all(ids: readonly string[]): Promise<readonly Held<Lease>[]> {
    const found: Held<Lease>[] = [];
    for (const id of ids) {
      try {
        const held = await this.#records.get(id);
        if (held !== undefined) found.push(held);
      } catch (error) {
        if (isClosed(error)) throw error;
        this.#tell(id, error);
      }
    }
    return found;
  }

  #tell(lease: string, error: unknown): void {
    if (this.#told.has(lease) || this.#told.size >= toldLimit) return;
    this.#told.add(lease);
    this.#log.write('error', 'a lease cannot be read: it is not revoked', { lease, error: reasonOf(error) });
  }

  /** Takes leases away that their engine has revoked, in one commit. */
  async remove(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return;
    const held = await this.all(leases.map(({ id }) => id));
    const writes = held.flatMap(({ record }) => [this.#records.remove(record.id), ...indexWrites(record, undefined)]);
    const checks = held.map(({ record, revision }) => this.#records.check(record.id, revision));
    const { ok } = await this.#storage.commit({ checks, writes });
    if (!ok) for (const { record } of held) await this.#removeOne(record.id);
  }

  async #removeOne(id: string): Promise<void> {
    for (let attempt = 0; attempt < attemptsLimit; attempt++) {
      const held = await this.get(id);
      if (held === undefined) return;
      const { ok } = await this.#storage.commit({
        checks: [this.#records.check(id, held.revision)],
        writes: [this.#records.remove(id), ...indexWrites(held.record, undefined)],
      });
      if (ok) return;
    }
    throw tooMany();
  }

  /** Keys of an index behind `after`, at most a step of them; who reads many steps gives the loop back after each. */
  async keys(prefix: string, after: string | undefined, limit = leaseStep): Promise<readonly string[]> {
    const from = after === undefined ? {} : { after };
    const found = await this.#storage.range(prefix, { ...from, limit, values: false });
    if (found.length >= leaseStep) await turn();
    return found.map(({ key }) => key);
  }
}

const tooMany = (): CofferError =>
  new CofferError('conflict', 'the lease is changed by too many requests at once; try again');
