/** What every storage does with a copy that comes in: reads along, counts, hashes and picks out. */
import { createHash } from 'node:crypto';
import { CopyParser, type CopyRecord } from './copy-format.ts';

export interface CopyFacts {
  readonly revision: number;
  readonly records: number;
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly picked: ReadonlyMap<string, Uint8Array>;
}

export class CopyReceipt {
  readonly #parser = new CopyParser();
  readonly #hash = createHash('sha256');
  readonly #picks: ReadonlySet<string>;
  readonly #picked = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(picks: readonly string[]) {
    this.#picks = new Set(picks);
  }

  /** Throws `data_corrupt`. */
  add(bytes: Uint8Array, take: (record: CopyRecord) => void = () => {}): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    for (const record of this.#parser.push(bytes)) {
      const key = Buffer.from(record.key.buffer, record.key.byteOffset, record.key.length).toString();
      if (this.#picks.has(key)) this.#picked.set(key, Uint8Array.from(record.value));
      take(record);
    }
  }

  /** Throws `data_corrupt` where it ends within a record. */
  finish(): CopyFacts {
    this.#parser.finish();
    return {
      revision: 0,
      records: this.#parser.records,
      bytes: this.#bytes,
      sha256: Uint8Array.from(this.#hash.digest()),
      picked: this.#picked,
    };
  }
}
