/**
 * This node among those that serve the store: it follows what the others write, and serves only as long as it can show
 * that it does. Where the process owns its storage alone there is nobody to follow, and all of this costs nothing.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { SharedStorage, Storage } from '../../contracts/storage.ts';
import { type Followed, Follower, type FollowerParts } from './follower.ts';
import { Freshness } from './freshness.ts';

export interface NodesParts {
  readonly storage: Storage;
  /** The same storage, where other nodes write to it as well. */
  readonly shared: SharedStorage | undefined;
  readonly cache: FollowerParts['cache'];
  readonly followed: () => readonly Followed[];
  /** Of this machine. */
  readonly clock: Clock;
  readonly log: Log;
}

/** Longest that opening waits until the node can show that it is current. */
const startLimitMs = 10_000;

export class Nodes {
  readonly freshness: Freshness;
  readonly #parts: NodesParts;
  #follower: Follower | undefined;
  #since = 0;

  constructor(parts: NodesParts) {
    this.#parts = parts;
    const { shared, clock } = parts;
    this.freshness = new Freshness({ shared, clock });
  }

  /** Before anything is read into memory: what is written from now on will be followed. */
  async begin(): Promise<void> {
    this.#since = (await this.#parts.shared?.moment())?.revision ?? 0;
  }

  /** Everything was read into memory. Resolves when the node may serve. */
  async start(): Promise<void> {
    const { storage, shared, cache, followed, clock, log } = this.#parts;
    if (shared === undefined) return;
    const reached = (revision: number): void => this.freshness.reached(revision);
    this.#follower = new Follower({ storage, cache, followed: followed(), clock, log, reached });
    const holds = this.freshness.start(startLimitMs);
    this.#follower.start(this.#since);
    if (!(await holds))
      throw new CofferError('storage_failed', 'The storage does not say which its newest revision is.');
  }

  /** The store is sealed. */
  stop(): void {
    this.#follower?.stop();
    this.#follower = undefined;
    this.freshness.stop();
  }
}
