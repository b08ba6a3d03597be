/**
 * Progress of an unsealing: shares until the threshold. Anybody may submit, and reset, so: bounded memory, genuine shares
 * outlive false ones, and genuine shares are thrown away once a minute at most, so that a flood of resets leaves those
 * who hold the shares a minute at a time. A reset in between forgets the false ones, which is what a mistyped share needs.
 * Ends after an hour without a share.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import type { HeldConfig } from './config.ts';
import { IdleTimer } from './idle.ts';
import { ShareCollection } from './shares.ts';

export const resetSpacingMs = 60_000;

interface Started {
  readonly revision: number;
  readonly nonce: string;
  readonly shares: ShareCollection;
}

export class UnsealProgress {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #idle: IdleTimer;
  #started: Started | undefined;
  #lastResetMs = -Infinity;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#idle = new IdleTimer(clock, () => this.clear());
  }

  get progress(): number {
    return this.#started?.shares.progress ?? 0;
  }

  /** '' while nothing has been submitted. */
  get nonce(): string {
    return this.#started?.nonce ?? '';
  }

  /** The unseal key once there are enough shares. Takes the share over. */
  submit(share: Uint8Array, config: HeldConfig, storeId: Uint8Array): Uint8Array | undefined {
    const { shares } = this.#startedFor(config, storeId);
    const submitted = shares.submit(share);
    if (submitted === 'wrong') {
      if (shares.progress === 0) this.clear();
      throw new CofferError('invalid_request', 'Unseal failed, invalid key');
    }
    if (typeof submitted === 'string') return undefined;
    this.clear();
    return submitted.key;
  }

  /** Answers how many genuine shares are kept, because others were thrown away less than a minute ago. */
  reset(): number {
    const waitMs = this.#lastResetMs + resetSpacingMs - this.#clock.monotonic();
    const genuine = this.#started?.shares.genuine ?? 0;
    if (genuine > 0 && waitMs > 0) {
      this.#started?.shares.dropFalse();
      return genuine;
    }
    if (genuine > 0) this.#lastResetMs = this.#clock.monotonic();
    this.clear();
    return 0;
  }

  clear(): void {
    this.#idle.stop();
    this.#started?.shares.wipe();
    this.#started = undefined;
  }

  /** Shares of another configuration are worthless. */
  #startedFor(config: HeldConfig, storeId: Uint8Array): Started {
    if (this.#started?.revision !== config.revision) this.clear();
    this.#idle.restart();
    this.#started ??= {
      revision: config.revision,
      nonce: this.#random.uuid(),
      shares: new ShareCollection(config, storeId),
    };
    return this.#started;
  }
}
