/**
 * Snapshots of the whole store. Promises: a snapshot is of one revision and holds up nobody; nothing is replaced before all
 * of a snapshot has been received and verified; what replaces does so all or nothing, and the store is sealed afterwards.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Seal } from '../../contracts/seal.ts';
import type { Storage, StorageCopies } from '../../contracts/storage.ts';
import type { Barrier } from '../barrier/barrier.ts';
import type { Anchor } from '../anchor/anchor.ts';
import type { SealKeeper } from '../seal/keeper.ts';
import { carriedRecords } from './carried.ts';
import { receiveSnapshot } from './receive.ts';
import { saveSnapshot } from './save.ts';
import { picks, verifySnapshot } from './verify.ts';

export interface SnapshotParts {
  readonly copies: StorageCopies;
  readonly barrier: Barrier;
  readonly clock: Clock;
  readonly log: Log;
  readonly seal: Seal;
  readonly version: string;
  readonly keeper: () => SealKeeper;
  /** The same store, as it lies there. */
  readonly storage: Pick<Storage, 'range'>;
  /** Of the records that outlive going back to a snapshot; see `carried.ts`. */
  readonly carriedPrefix: string;
  /** Stores what those records do not say yet. Never rejects. */
  readonly beforeReplacing: () => Promise<void>;
  /** Of the record that the anchor is held against. */
  readonly markKey: string;
  /** Is told before all records are replaced, and whether by an earlier state of this very store. */
  readonly anchor: () => Pick<Anchor, 'expect' | 'letRest'>;
}

export class Snapshots {
  readonly #parts: SnapshotParts;
  #isRestoring = false;

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
  }

  save(): Promise<AsyncIterable<Uint8Array>> {
    return saveSnapshot({ ...this.#parts, sealType: this.#parts.seal.type });
  }

  /**
   * When it resolves, the store is the snapshot's and refuses requests: `finish` is to be called. Where it rejects, the store
   * is as it was and serves on.
   */
  async restore(pieces: AsyncIterable<Uint8Array>, force: boolean): Promise<void> {
    if (this.#isRestoring) throw new CofferError('conflict', 'another snapshot is being restored');
    this.#isRestoring = true;
    try {
      await this.#restore(pieces, force);
    } finally {
      this.#isRestoring = false;
    }
  }

  /** Seals, and opens again where the seal opens by itself. */
  async finish(): Promise<void> {
    const keeper = this.#parts.keeper();
    await keeper.seal();
    await keeper.autoUnseal();
  }

  async #restore(pieces: AsyncIterable<Uint8Array>, force: boolean): Promise<void> {
    const { copies, log, storage, carriedPrefix, beforeReplacing, markKey, anchor } = this.#parts;
    const received = await receiveSnapshot(pieces, { copies, picks: [...picks, markKey] });
    const { copy, meta } = received;
    try {
      await beforeReplacing();
      await this.#parts.keeper().replace(async () => {
        const { isOwn, also } = await verifySnapshot(received, force, this.#parts);
        if (isOwn) await anchor().expect(copy.picked.get(markKey), meta.term);
        const carried = isOwn ? await carriedRecords(storage, carriedPrefix, meta.term) : [];
        const resume = anchor().letRest();
        try {
          await copies.replace(copy, [...carried, ...also]);
        } catch (cause) {
          resume();
          throw cause;
        }
      });
    } finally {
      await copy.discard();
    }
    log.write('warn', 'the store was replaced by a snapshot', {
      store: meta.store_id,
      revision: meta.revision,
      records: meta.records,
      created: meta.created,
    });
  }
}
