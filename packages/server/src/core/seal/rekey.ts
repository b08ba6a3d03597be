/**
 * Replacing the key that people hold in shares, on the word of those who hold the old one. The change is one commit, made
 * when the old quorum is complete or, with verification, when the new shares have been handed in once: until then the old
 * shares are in force, and they are again after an hour.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import { sameSecret } from '../../platform/crypto/equal.ts';
import type { Authority } from './authority.ts';
import type { HeldConfig, SealConfig } from './config.ts';
import { checkPgp, checkSplitting, deal } from './deal.ts';
import type { KeyTexts } from './key-text.ts';
import { keyTexts } from './key-text.ts';
import { Quorum } from './quorum.ts';
import type { Splitting } from './shamir.ts';

export interface RekeyOptions {
  readonly secretShares?: number;
  readonly secretThreshold?: number;
  readonly pgpKeys?: readonly string[];
  readonly backup?: boolean;
  readonly requireVerification?: boolean;
}

/** A key about to come into force; none where the seal opens by itself and only the root key changes. */
export interface Replacement {
  readonly fresh: FreshKey | undefined;
  readonly was: HeldConfig;
}

export interface FreshKey {
  readonly key: Uint8Array;
  /** Of its shares. */
  readonly config: SealConfig;
}

/** What is replaced, and how it gets into the store. */
export interface RekeyTarget {
  /** False where nobody holds shares of it. */
  readonly shared: boolean;
  storeId(): Uint8Array;
  commit(replacement: Replacement): Promise<void>;
}

export interface RekeyPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Authority;
  readonly target: RekeyTarget;
}

export interface RekeyStatus {
  readonly nonce: string;
  readonly started: boolean;
  readonly shares: number;
  readonly threshold: number;
  readonly progress: number;
  readonly required: number;
  readonly verificationRequired: boolean;
  readonly verificationNonce: string | undefined;
}

/** `keys` are shown this once. */
export interface RekeyDone extends KeyTexts {
  readonly nonce: string;
  readonly complete: true;
  readonly verificationRequired: boolean;
  readonly verificationNonce: string | undefined;
}

export interface VerifyStatus {
  readonly nonce: string;
  readonly started: boolean;
  readonly shares: number;
  readonly threshold: number;
  readonly progress: number;
}

export interface VerifyDone {
  readonly nonce: string;
  readonly complete: true;
}

interface Begun extends Splitting {
  readonly verify: boolean;
}

interface Waiting extends Replacement {
  readonly fresh: FreshKey;
}

const doneWithoutKeys = {
  complete: true,
  keys: [],
  keysBase64: [],
  verificationRequired: false,
  verificationNonce: undefined,
} as const;

export class Rekey {
  readonly #ports: RekeyPorts;
  readonly #old: Quorum;
  readonly #fresh: Quorum;
  #begun: Begun | undefined;
  #waiting: Waiting | undefined;

  constructor(ports: RekeyPorts) {
    this.#ports = ports;
    const ended = (): void => this.cancel();
    this.#old = new Quorum({ ...ports, name: 'rekey', ended });
    this.#fresh = new Quorum({ ...ports, name: 'rekey verification', ended });
  }

  async status(): Promise<RekeyStatus> {
    const { threshold: required } = await this.#ports.authority.config();
    const { shares = 0, threshold = 0, verify = false } = this.#begun ?? {};
    return {
      nonce: this.#old.nonce,
      started: this.#old.started,
      shares,
      threshold,
      progress: this.#old.progress,
      required,
      verificationRequired: verify,
      verificationNonce: this.#waiting && this.#fresh.nonce,
    };
  }

  async start(options: RekeyOptions): Promise<RekeyStatus> {
    const begun = this.#plan(options);
    const storeId = this.#ports.target.storeId();
    const config = await this.#ports.authority.config();
    this.#old.begin(config, storeId);
    this.#begun = begun;
    return this.status();
  }

  async update(key: string, nonce: string): Promise<RekeyStatus | RekeyDone> {
    const begun = this.#begun;
    if (this.#waiting !== undefined) throw refusal('the new keys are waiting for verification');
    const proof = this.#old.submit(key, nonce);
    if (proof === undefined || begun === undefined) return this.status();
    const proven = await this.#ports.authority.proves(proof);
    proof.fill(0);
    if (!proven) throw this.#old.wrong();
    return this.#complete(begun, nonce);
  }

  /** Also what waits for verification is thrown away: the old shares stay in force. */
  cancel(): void {
    this.#old.finish();
    this.#fresh.finish();
    this.#begun = undefined;
    this.#waiting?.fresh.key.fill(0);
    this.#waiting = undefined;
  }

  verifyStatus(): VerifyStatus {
    const { shares, threshold } = this.#toVerify().fresh.config;
    return { nonce: this.#fresh.nonce, started: true, shares, threshold, progress: this.#fresh.progress };
  }

  async verify(key: string, nonce: string): Promise<VerifyStatus | VerifyDone> {
    const waiting = this.#toVerify();
    const combined = this.#fresh.submit(key, nonce);
    if (combined === undefined) return this.verifyStatus();
    const same = sameSecret(combined, waiting.fresh.key);
    combined.fill(0);
    if (!same) throw this.#fresh.wrong();
    await this.#replace(waiting);
    return { nonce, complete: true };
  }

  /** Forgets the new shares handed in so far; they can be handed in again under a new nonce. */
  restartVerification(): VerifyStatus {
    this.#fresh.begin(this.#toVerify().fresh.config, this.#ports.target.storeId(), true);
    return this.verifyStatus();
  }

  #plan(options: RekeyOptions): Begun {
    const { secretShares: shares = 0, secretThreshold: threshold = 0, requireVerification: verify = false } = options;
    checkPgp('pgp_keys', options.pgpKeys, options.backup);
    if (this.#ports.target.shared) {
      checkSplitting({ shares, threshold }, 'rekey seal');
      return { shares, threshold, verify };
    }
    if (shares > 1 || threshold > 1 || verify) {
      throw refusal('the seal opens by itself: there are no shares of its key; see recovery keys');
    }
    return { shares: 0, threshold: 0, verify: false };
  }

  async #complete(begun: Begun, nonce: string): Promise<RekeyDone> {
    const was = await this.#ports.authority.config();
    this.#old.checkStill(nonce);
    const storeId = this.#ports.target.storeId();
    if (!this.#ports.target.shared) {
      await this.#replace({ fresh: undefined, was });
      return { ...doneWithoutKeys, nonce };
    }
    const { key, shares, verifiers } = deal(this.#ports.random, storeId, begun);
    const { threshold, verify: verificationRequired } = begun;
    const replacement = { fresh: { key, config: { type: was.type, shares: begun.shares, threshold, verifiers } }, was };
    if (verificationRequired) this.#wait(replacement, storeId);
    else await this.#replace(replacement);
    const verificationNonce = verificationRequired ? this.#fresh.nonce : undefined;
    return { ...doneWithoutKeys, nonce, ...keyTexts(shares), verificationRequired, verificationNonce };
  }

  #wait(replacement: Waiting, storeId: Uint8Array): void {
    this.#waiting = replacement;
    this.#old.hold();
    this.#fresh.begin(replacement.fresh.config, storeId);
  }

  /**
   * The slot is free afterwards, also where the commit was refused: somebody else was quicker. Nobody may wipe the key
   * while it goes into the store, so it no longer waits from here on.
   */
  async #replace(replacement: Replacement): Promise<void> {
    this.#waiting = undefined;
    try {
      await this.#ports.target.commit(replacement);
    } finally {
      replacement.fresh?.key.fill(0);
      this.cancel();
    }
  }

  #toVerify(): Waiting {
    if (this.#waiting === undefined) throw refusal('no rekey verification in progress');
    return this.#waiting;
  }
}

const refusal = (message: string): CofferError => new CofferError('invalid_request', message);
