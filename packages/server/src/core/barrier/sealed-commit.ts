/**
 * The records of one commit, encrypted: one write id, a nonce of its own for each record, drawn together, and one piece of
 * memory for all of them.
 */
import { shortLived } from '@coffer/schema/short-lived.ts';
import type { Random } from '../../contracts/random.ts';
import { nonceBytes } from '../../platform/crypto/aead.ts';
import type { Term } from './keyring.ts';
import { recordBytes, sealRecord } from './record.ts';
import type { RecordCommit } from './records.ts';
import type { WriteIds } from './write-ids.ts';

export interface SealingUnder {
  readonly storeId: Uint8Array;
  readonly term: Term;
}

export interface SealedCommitPorts {
  readonly random: Random;
  readonly ids: WriteIds;
}

export class SealedCommit {
  readonly #under: SealingUnder;
  readonly #drawn: Uint8Array;
  readonly #writeId: Uint8Array;
  readonly #memory: Uint8Array;
  #nonceAt = 0;
  #at = 0;

  constructor(under: SealingUnder, { writes, events = [] }: RecordCommit, { random, ids }: SealedCommitPorts) {
    this.#under = under;
    this.#drawn = random.bytes((writes.length + events.length) * nonceBytes);
    this.#writeId = ids.next();
    let bytes = 0;
    for (const { value } of writes) if (value !== undefined) bytes += recordBytes(value);
    for (const { payload } of events) bytes += recordBytes(payload);
    this.#memory = shortLived(bytes);
  }

  /** As the storage takes it. */
  get id(): string {
    return this.#writeId.toHex();
  }

  /** Once for each value and payload of the commit. */
  record(key: string, plaintext: Uint8Array): Uint8Array {
    const { storeId, term } = this.#under;
    const nonce = this.#drawn.subarray(this.#nonceAt, this.#nonceAt + nonceBytes);
    const target = this.#memory.subarray(this.#at, this.#at + recordBytes(plaintext));
    this.#nonceAt += nonceBytes;
    this.#at += target.length;
    return sealRecord(term.aead, { storeId, key, term: term.term, writeId: this.#writeId, nonce, target }, plaintext);
  }
}
