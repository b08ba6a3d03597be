/**
 * Shares handed in one by one until they are enough. Bounded: never more than the threshold. A share that is none of the
 * store's counts like any other until there are enough, and is then dropped; genuine ones stay. So nobody who holds no
 * share can keep those who do from reaching the threshold.
 */
import type { SealConfig } from './config.ts';
import { verifierOf } from './deal.ts';
import { combine } from './shamir.ts';

interface Part {
  readonly share: Uint8Array;
  readonly genuine: boolean;
}

/** `key`: the key the shares make. `wrong`: enough shares, but not all genuine. */
export type Submitted = 'counted' | 'repeated' | 'wrong' | { readonly key: Uint8Array };

export class ShareCollection {
  readonly #config: SealConfig;
  readonly #storeId: Uint8Array;
  readonly #parts = new Map<string, Part>();

  constructor(config: SealConfig, storeId: Uint8Array) {
    this.#config = config;
    this.#storeId = storeId;
  }

  get progress(): number {
    return this.#parts.size;
  }

  get genuine(): number {
    return [...this.#parts.values()].filter(part => part.genuine).length;
  }

  /** Takes the share over. */
  submit(share: Uint8Array): Submitted {
    const verifier = verifierOf(this.#storeId, share);
    if (this.#parts.has(verifier)) return 'repeated';
    this.#parts.set(verifier, { share, genuine: this.#config.verifiers.includes(verifier) });
    return this.#parts.size < this.#config.threshold ? 'counted' : this.#finish();
  }

  wipe(): void {
    for (const { share } of this.#parts.values()) share.fill(0);
    this.#parts.clear();
  }

  #finish(): Submitted {
    const parts = [...this.#parts.values()];
    const key = parts.every(part => part.genuine) ? combine(parts.map(part => part.share)) : undefined;
    if (key === undefined) {
      this.dropFalse();
      return 'wrong';
    }
    this.wipe();
    return { key };
  }

  dropFalse(): void {
    for (const [verifier, { share, genuine }] of this.#parts) {
      if (genuine) continue;
      share.fill(0);
      this.#parts.delete(verifier);
    }
  }
}
