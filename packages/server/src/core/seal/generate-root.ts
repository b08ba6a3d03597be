/**
 * A new root token on the word of a quorum. The token leaves only XORed with a one-time pad that the one who began holds:
 * whoever hands in the last share sees nothing of it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import type { Authority } from './authority.ts';
import { checkPgp } from './deal.ts';
import { Quorum } from './quorum.ts';
import { makePad, padText } from './pad.ts';

/** How root tokens are made; all have one length. */
export interface RootTokens {
  readonly lengthBytes: number;
  make(): Promise<string>;
}

export interface GenerateRootPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Authority;
  readonly tokens: RootTokens;
  storeId(): Uint8Array;
}

export interface GenerateRootStatus {
  readonly nonce: string;
  readonly started: boolean;
  readonly progress: number;
  readonly required: number;
  readonly complete: boolean;
  /** '' until complete. */
  readonly encodedToken: string;
  /** '' but in the answer that made it. */
  readonly otp: string;
  readonly otpLengthBytes: number;
}

export interface GenerateRootOptions {
  readonly otp?: string;
  readonly pgpKey?: string;
}

const refusal = (message: string): CofferError => new CofferError('invalid_request', message);

export class GenerateRoot {
  readonly #ports: GenerateRootPorts;
  readonly #quorum: Quorum;
  #otp = '';

  constructor(ports: GenerateRootPorts) {
    this.#ports = ports;
    this.#quorum = new Quorum({ ...ports, name: 'root generation', ended: () => this.cancel() });
  }

  async status(): Promise<GenerateRootStatus> {
    const { threshold: required } = await this.#ports.authority.config();
    const { nonce, started, progress } = this.#quorum;
    const otpLengthBytes = this.#ports.tokens.lengthBytes;
    return { nonce, started, progress, required, complete: false, encodedToken: '', otp: '', otpLengthBytes };
  }

  async start({ otp = '', pgpKey = '' }: GenerateRootOptions): Promise<GenerateRootStatus> {
    const { tokens, random, authority } = this.#ports;
    checkPgp('pgp_key', pgpKey === '' ? [] : [pgpKey]);
    if (otp !== '' && new TextEncoder().encode(otp).length !== tokens.lengthBytes) {
      throw refusal(`OTP string is wrong length: ${tokens.lengthBytes} bytes expected`);
    }
    const storeId = this.#ports.storeId();
    this.#quorum.begin(await authority.config(), storeId);
    this.#otp = otp === '' ? makePad(random, tokens.lengthBytes) : otp;
    const made = otp === '' ? this.#otp : '';
    return { ...(await this.status()), otp: made };
  }

  async update(key: string, nonce: string): Promise<GenerateRootStatus> {
    const proof = this.#quorum.submit(key, nonce);
    if (proof === undefined) return this.status();
    const proven = await this.#ports.authority.proves(proof);
    proof.fill(0);
    this.#quorum.checkStill(nonce);
    if (!proven) throw this.#quorum.wrong();
    return this.#complete(nonce);
  }

  cancel(): void {
    this.#quorum.finish();
    this.#otp = '';
  }

  async #complete(nonce: string): Promise<GenerateRootStatus> {
    const otp = this.#otp;
    this.cancel();
    const { required, ...status } = await this.status();
    const token = await this.#ports.tokens.make();
    return {
      ...status,
      nonce,
      started: true,
      required,
      progress: required,
      complete: true,
      encodedToken: padText(token, otp),
    };
  }
}
