/** The nodes that serve this store: this one tells of itself as long as it is open, and knows who else is there. */
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Write } from '../../contracts/storage.ts';
import { turn } from '../../platform/clock/turn.ts';
import type { Collection, Listed } from '../barrier/collection.ts';
import { reasonOf } from '../barrier/trouble.ts';
import { Rounds } from '../rounds.ts';
import { Leadership } from './leadership.ts';
import {
  beatEveryMs,
  forgottenAfterMs,
  isLive,
  type Member,
  type MemberFacts,
  type MemberState,
  memberRecords,
  membersLimit,
} from './member.ts';
import { WaitingRoom } from './waiting.ts';

export interface ToldOfSelf {
  facts(): Promise<MemberFacts>;
  /** The highest format of stored records that this version reads. */
  readonly format: number;
  now(): MemberState;
}

export interface MembersParts {
  readonly storage: MountStorage;
  /** By the storage. */
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  readonly told: ToldOfSelf;
  readonly isClockTrusted: () => boolean;
}

export class Members {
  readonly leadership: Leadership;
  readonly #parts: MembersParts;
  readonly #records: Collection<Member>;
  readonly #rounds: Rounds;
  readonly #waiting: WaitingRoom;
  #self: Listed<Member> | undefined;
  #all: readonly Listed<Member>[] = [];
  #isInTrouble = false;
  #isSoon = false;
  /** One after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: MembersParts) {
    this.#parts = parts;
    const { storage, clock, log, isClockTrusted } = parts;
    this.#records = memberRecords(storage);
    this.leadership = new Leadership({ storage, nowMs: () => clock.now(), log, isClockTrusted });
    this.#rounds = new Rounds({ clock, everyMs: beatEveryMs, look: () => this.beat() });
    this.#waiting = new WaitingRoom(clock);
  }

  /** Undefined while it is not open. */
  get self(): string | undefined {
    return this.#self?.id;
  }

  /** Those that are there by what was heard of them last, in the order in which they came. */
  get live(): readonly Listed<Member>[] {
    const nowMs = this.#parts.clock.now();
    return this.#all
      .filter(({ record }) => isLive(record, nowMs))
      .toSorted((one, other) => one.record.openedAtMs - other.record.openedAtMs || (one.id < other.id ? -1 : 1));
  }

  async join(): Promise<void> {
    const { newId, told, clock } = this.#parts;
    const nowMs = clock.now();
    const { format } = told;
    const record = { ...(await told.facts()), ...told.now(), openedAtMs: nowMs, seenAtMs: nowMs, format };
    this.#self = { id: newId(), record, revision: 0 };
    await this.beat();
    this.#rounds.start();
  }

  /** Tells of itself, and looks who else is there and who leads. Never rejects: who cannot tell counts as gone, sooner or later. */
  beat(): Promise<void> {
    const beating = this.#last.then(() => this.#beat());
    this.#last = beating;
    return beating;
  }

  /** Once what is under way now is done: others wait for something that is about to be so. */
  async beatSoon(): Promise<void> {
    if (this.#isSoon) return;
    this.#isSoon = true;
    await turn();
    this.#isSoon = false;
    await this.beat();
  }

  async #beat(): Promise<void> {
    const self = this.#self;
    if (self === undefined) return;
    const { storage, clock, told, log } = this.#parts;
    const record = { ...self.record, seenAtMs: clock.now(), ...told.now() };
    try {
      await storage.commit({ writes: [this.#records.put(self.id, record), ...this.#forgotten()] });
      if (this.#self === self) this.#self = { ...self, record };
      await this.follow();
      if (this.#self !== undefined) await this.leadership.look(self.id);
      this.#isInTrouble = false;
    } catch (error) {
      if (!this.#isInTrouble && this.#self !== undefined)
        log.write('warn', 'this node could not tell the others that it is there; trying again', {
          error: reasonOf(error),
        });
      this.#isInTrouble = true;
    }
  }

  /** Those of nodes that ended without a word are removed by who leads. */
  #forgotten(): readonly Write[] {
    const nowMs = this.#parts.clock.now();
    if (this.self === undefined || this.leadership.fence(this.self) === undefined) return [];
    return this.#all
      .filter(({ record }) => nowMs - record.seenAtMs > forgottenAfterMs)
      .map(({ id }) => this.#records.remove(id));
  }

  /** Reads anew who is there. */
  async follow(): Promise<void> {
    this.#all = await this.#records.list({ limit: membersLimit });
    this.#waiting.look();
    // Who led has left: nobody has to wait for the next round.
    if ((await this.leadership.follow()) === 'left') void this.beat();
  }

  /** Resolves with true once it holds of every node that is there, by what each tells of itself; with false after `limitMs`. */
  async all(holds: (member: Member) => boolean, limitMs: number): Promise<boolean> {
    await this.beat();
    return this.#waiting.until(() => this.live.every(({ record }) => holds(record)), limitMs);
  }

  /** The others need not wait until it counts as gone. Never rejects. */
  async leave(): Promise<void> {
    const self = this.#self;
    this.stop();
    if (self === undefined) return;
    const { storage, log } = this.#parts;
    await this.#last;
    try {
      await storage.commit({ writes: [this.#records.remove(self.id)] });
      await this.leadership.leave(self.id);
    } catch (error) {
      log.write('warn', 'this node could not tell the others that it leaves', { error: reasonOf(error) });
    }
    this.leadership.forget();
  }

  stop(): void {
    this.#rounds.stop();
    this.#self = undefined;
    this.#all = [];
  }
}
