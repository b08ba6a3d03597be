/** Copies of a store in memory: lists of its records, whose values nobody changes. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { IncomingCopy, StoredCopy } from '../../contracts/storage.ts';
import { copyHead } from '../storage/copy-format.ts';
import { type CopyFacts, CopyReceipt } from '../storage/received.ts';

/** A record by its key. */
export type KeyedValue = readonly [key: string, value: Uint8Array];

/** Bytes of one copy. */
export const memoryCopyBytesLimit = 1_073_741_824;

export class MemoryCopy implements StoredCopy {
  readonly revision: number;
  readonly records: number;
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly picked: ReadonlyMap<string, Uint8Array>;
  #values: readonly KeyedValue[];

  constructor(facts: CopyFacts, values: readonly KeyedValue[]) {
    this.revision = facts.revision;
    this.records = facts.records;
    this.bytes = facts.bytes;
    this.sha256 = facts.sha256;
    this.picked = facts.picked;
    this.#values = values;
  }

  get values(): readonly KeyedValue[] {
    return this.#values;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (const [key, value] of this.#values) {
      yield copyHead(Buffer.from(key), value.length);
      yield value;
    }
  }

  discard(): Promise<void> {
    this.#values = [];
    return Promise.resolve();
  }
}

export const copyOf = async (values: readonly KeyedValue[], revision: number): Promise<StoredCopy> => {
  const receipt = new CopyReceipt([]);
  for (const [key, value] of values) {
    receipt.add(copyHead(Buffer.from(key), value.length));
    receipt.add(value);
  }
  return new MemoryCopy({ ...receipt.finish(), revision }, values);
};

export class IncomingMemoryCopy implements IncomingCopy {
  readonly #receipt: CopyReceipt;
  readonly #values: KeyedValue[] = [];
  #bytes = 0;

  constructor(picks: readonly string[]) {
    this.#receipt = new CopyReceipt(picks);
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async write(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.length;
    if (this.#bytes > memoryCopyBytesLimit)
      throw new CofferError('storage_full', 'the snapshot is larger than a store in memory takes');
    this.#receipt.add(bytes, ({ key, value }) =>
      this.#values.push([Buffer.from(key.buffer, key.byteOffset, key.length).toString(), Uint8Array.from(value)]),
    );
  }

  // oxlint-disable-next-line typescript/require-await -- refusals must reject, not throw
  async finish(): Promise<StoredCopy> {
    return new MemoryCopy(this.#receipt.finish(), this.#values);
  }

  discard(): Promise<void> {
    this.#values.length = 0;
    return Promise.resolve();
  }
}
