/**
 * This node among those that serve the store: it follows what the others write, serves only as long as it can show that it
 * does, tells that it is there, and does the work that one does for all where it leads. Where the process owns its storage
 * alone there is nobody to follow, it always leads, and all of this costs nothing.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { ChangeOrGap, SharedStorage, Storage } from '../../contracts/storage.ts';
import type { Fence } from './fenced.ts';
import { type Followed, Follower, type FollowerParts } from './follower.ts';
import { type Answer, Freshness } from './freshness.ts';
import type { Members } from './members.ts';
import { askedRevision, stateText } from './state-text.ts';

interface StateParts {
  storeId(): Uint8Array;
  /** The latest revision that was read or written. */
  seen(): number;
}

export interface NodesParts {
  readonly storage: Storage;
  /** The same storage, where other nodes write to it as well. */
  readonly shared: SharedStorage | undefined;
  readonly cache: FollowerParts['cache'];
  readonly followed: () => readonly Followed[];
  readonly members: Members;
  readonly state: StateParts;
  /** Requests are only in mounts as they are now. */
  readonly isSettled: () => boolean;
  /** What the core's own records begin with. */
  readonly ownPrefix: string;
  /** Of this machine. */
  readonly clock: Clock;
  readonly log: Log;
  readonly told: (answer: Answer) => void;
}

interface State {
  readonly id: Uint8Array;
  readonly store: string;
  readonly revision: number;
  readonly text: string;
}

/** Longest that opening waits until the node can show that it is current. */
const startLimitMs = 10_000;
/** Who waits for a change looks so often whether it is still wanted. */
const againMs = 1_000;
/** Sealing does not wait any longer until the others were told. */
const leaveLimitMs = 2_000;

export class Nodes {
  readonly freshness: Freshness;
  readonly members: Members;
  /** Others may write to the storage. */
  readonly areMany: boolean;
  readonly #parts: NodesParts;
  #follower: Follower | undefined;
  #since = 0;
  #drains = false;
  #settled = 0;
  #state: State = { id: new Uint8Array(), store: '', revision: -1, text: '' };

  constructor(parts: NodesParts) {
    this.#parts = parts;
    const { shared, clock, told, members } = parts;
    this.areMany = shared !== undefined;
    this.members = members;
    this.freshness = new Freshness({ shared, clock, told });
  }

  /** Up to this revision requests are in no mount as it was before. */
  get settled(): number {
    if (this.#parts.isSettled()) this.#settled = this.freshness.applied;
    return this.#settled;
  }

  /** Whether it does what one node does for all. */
  get leads(): boolean {
    return this.fence() !== undefined && this.freshness.holds();
  }

  /** What the commits of that work hold against, as a whole storage key. */
  fence(): Fence {
    if (!this.areMany) return 'none';
    const { members, ownPrefix } = this.#parts;
    const check = members.self === undefined ? undefined : members.leadership.fence(members.self);
    return check && { ...check, key: ownPrefix + check.key };
  }

  /** It is about to end: whoever spreads requests should send it none. */
  get drains(): boolean {
    return this.#drains;
  }

  drain(): void {
    this.#drains = true;
  }

  /** How new what this node answers now is, for `X-Vault-Index`; undefined where it owns its storage alone. */
  get state(): string | undefined {
    if (!this.areMany) return undefined;
    const store = this.#store();
    const revision = Math.max(this.freshness.applied, this.#parts.state.seen());
    if (revision !== this.#state.revision) this.#state = { ...this.#state, revision, text: stateText(store, revision) };
    return this.#state.text;
  }

  /** Whether the state that a caller asks for is applied here, at the latest after `limitMs`. Throws `invalid_request`. */
  whenState(header: string, limitMs: number): Promise<boolean> {
    return this.freshness.whenApplied(askedRevision(header, this.#store()), limitMs);
  }

  #store(): string {
    const id = this.#parts.state.storeId();
    if (id !== this.#state.id) this.#state = { id, store: id.toHex(), revision: -1, text: '' };
    return this.#state.store;
  }

  /** Nothing that is in memory was read before this revision. */
  get since(): number {
    return this.#since;
  }

  /** Before anything is read into memory: what is written from now on will be followed. */
  async begin(): Promise<void> {
    const { shared, clock, told } = this.#parts;
    if (shared === undefined) return;
    const sent = { sentAtMs: clock.monotonic(), sentAtWallMs: clock.now() };
    const answer = { ...(await shared.moment()), ...sent };
    told(answer);
    this.#since = answer.revision;
  }

  /** Everything was read into memory. Resolves when the node may serve, and the others know of it. */
  async start(): Promise<void> {
    const { storage, shared, cache, followed, members, clock, log } = this.#parts;
    if (shared === undefined) return;
    const reached = (revision: number): void => this.freshness.reached(revision);
    this.#follower = new Follower({ storage, cache, followed: followed(), clock, log, reached });
    const holds = this.freshness.start(startLimitMs);
    this.#follower.start(this.#since);
    if (!(await holds))
      throw new CofferError('storage_failed', 'The storage does not say which its newest revision is.');
    await members.join();
  }

  /** The changes for those who tell of them: each once it is applied here, and only while this node may serve. */
  changes(since: number, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
    const changes = this.#parts.storage.changes(since, signal);
    return this.areMany ? this.#applied(changes, signal) : changes;
  }

  async *#applied(changes: AsyncIterable<ChangeOrGap>, signal: AbortSignal): AsyncIterable<ChangeOrGap> {
    for await (const change of changes) {
      const revision = 'compacted' in change ? change.compacted - 1 : change.revision;
      while (!signal.aborted && !(this.freshness.applied >= revision && this.freshness.holds())) {
        await this.freshness.whenApplied(revision, againMs);
        await this.freshness.whenHolds(againMs);
      }
      if (signal.aborted) return;
      yield change;
    }
  }

  /** While the store is still open: the others need not wait for this node. Never rejects. */
  async leave(): Promise<void> {
    if (!this.areMany) return;
    const late = Promise.withResolvers<void>();
    const stop = this.#parts.clock.after(leaveLimitMs, late.resolve);
    await Promise.race([this.members.leave(), late.promise]);
    stop();
  }

  /** The store is sealed. */
  stop(): void {
    this.#follower?.stop();
    this.#follower = undefined;
    this.freshness.stop();
    this.members.stop();
  }
}
