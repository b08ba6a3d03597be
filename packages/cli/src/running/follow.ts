/**
 * Follows secrets by asking for their version at a bounded interval. A store that cannot be reached, a deleted version, a
 * lost right: nothing changes for the process, one line says so, one line says when it is over.
 */
import type { Runtime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { type Delivery, deliveryOf, sameDelivery } from './delivery.ts';
import type { Fetched, Reader } from './reader.ts';
import { pathsOf, type Wanted } from './wanted.ts';

/** Share of the interval by which each wait differs, so that many processes do not ask together. */
const jitterShare = 0.2;

export interface Following {
  readonly wanted: Wanted;
  readonly intervalMs: number;
  readonly onChange: (delivery: Delivery) => Promise<void>;
  readonly say: (line: string) => void;
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof CofferError)) return 'an internal failure';
  return error.publicMessage
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .join(' ');
};

export class Follower {
  readonly #reader: Reader;
  readonly #timer: Pick<Runtime, 'after' | 'chance'>;
  readonly #following: Following;
  #known = new Map<string, Fetched>();
  #delivery: Delivery | undefined;
  #cancel = (): void => undefined;
  #stopped = false;
  #failing = false;

  constructor(reader: Reader, timer: Pick<Runtime, 'after' | 'chance'>, following: Following) {
    this.#reader = reader;
    this.#timer = timer;
    this.#following = following;
  }

  /** The first reading: any failure is the caller's. */
  async first(): Promise<Delivery> {
    for (const path of pathsOf(this.#following.wanted)) this.#known.set(path, await this.#reader.read(path));
    this.#delivery = deliveryOf(this.#following.wanted, this.#known);
    return this.#delivery;
  }

  start(): void {
    if (this.#stopped) return;
    const share = 1 + jitterShare * (2 * this.#timer.chance() - 1);
    this.#cancel = this.#timer.after(Math.round(this.#following.intervalMs * share), () => void this.#turn());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #turn(): Promise<void> {
    try {
      await this.#look();
      if (this.#failing && !this.#stopped) this.#following.say('the secrets can be read again');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing && !this.#stopped) {
        this.#following.say(`the secrets cannot be followed, the process keeps what it has: ${reasonOf(error)}`);
      }
      this.#failing = true;
    }
    this.start();
  }

  async #look(): Promise<void> {
    const next = new Map(this.#known);
    for (const [path, { version }] of this.#known) {
      if (this.#stopped) return;
      if (await this.#reader.mayHaveChanged(path, version)) next.set(path, await this.#reader.read(path));
    }
    const delivery = deliveryOf(this.#following.wanted, next);
    const isSame = this.#delivery !== undefined && sameDelivery(delivery, this.#delivery);
    if (!isSame && !this.#stopped) await this.#following.onChange(delivery);
    this.#known = next;
    this.#delivery = delivery;
  }
}
