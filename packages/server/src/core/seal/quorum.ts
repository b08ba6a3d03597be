/**
 * The slot of an operation that a quorum authorises: one at a time, known by its nonce, ended by completion, by
 * cancelling, by sealing, or by an hour without a share.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import type { SealConfig } from './config.ts';
import { IdleTimer } from './idle.ts';
import { parseKey } from './key-text.ts';
import { ShareCollection } from './shares.ts';

export interface QuorumPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** In messages: `rekey`, `root generation` … */
  readonly name: string;
  /** Called when the slot becomes free without completion. */
  ended(): void;
}

interface Running {
  readonly nonce: string;
  readonly shares: ShareCollection;
}

export class Quorum {
  readonly #ports: QuorumPorts;
  readonly #idle: IdleTimer;
  #running: Running | undefined;

  constructor(ports: QuorumPorts) {
    this.#ports = ports;
    this.#idle = new IdleTimer(ports.clock, () => this.end());
  }

  get started(): boolean {
    return this.#running !== undefined;
  }

  get nonce(): string {
    return this.#running?.nonce ?? '';
  }

  get progress(): number {
    return this.#running?.shares.progress ?? 0;
  }

  /** With `restart`, what has been collected is thrown away; otherwise the slot must be free. */
  begin(config: SealConfig, storeId: Uint8Array, restart = false): void {
    if (this.started && !restart) throw this.#refusal(`${this.#ports.name} already in progress`);
    this.#running?.shares.wipe();
    this.#running = { nonce: this.#ports.random.uuid(), shares: new ShareCollection(config, storeId) };
    this.#idle.restart();
  }

  /** The key once there are enough shares. */
  submit(text: string, nonce: string): Uint8Array | undefined {
    const { name } = this.#ports;
    const running = this.#running;
    if (running === undefined) throw this.#refusal(`no ${name} in progress`);
    if (nonce !== running.nonce)
      throw this.#refusal(`incorrect nonce supplied; see the status of this ${name} operation`);
    const submitted = running.shares.submit(parseKey(text));
    this.#idle.restart();
    if (submitted === 'repeated')
      throw this.#refusal(`given key has already been provided during this ${name} operation`);
    if (submitted === 'wrong') throw this.wrong();
    return typeof submitted === 'string' ? undefined : submitted.key;
  }

  /** Complete, but not yet through: what it waits for has an hour of its own. */
  hold(): void {
    this.#idle.stop();
  }

  wrong(): CofferError {
    return this.#refusal(`${this.#ports.name} failed, invalid key`);
  }

  /** Refuses where the slot was ended, or begun again, since it had this nonce. */
  checkStill(nonce: string): void {
    if (this.nonce !== nonce) throw this.#refusal(`${this.#ports.name} was cancelled`);
  }

  end(): void {
    this.finish();
    this.#ports.ended();
  }

  finish(): void {
    this.#idle.stop();
    this.#running?.shares.wipe();
    this.#running = undefined;
  }

  #refusal(message: string): CofferError {
    return new CofferError('invalid_request', message);
  }
}
