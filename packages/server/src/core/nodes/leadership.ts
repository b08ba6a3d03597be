/**
 * Who does the work that one node does for all: what ends by time, what a crash left. Taken in one commit that holds against
 * the record of who led and against that node's own record: whoever shows in between that it is there keeps it.
 */
import type { MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Check } from '../../contracts/storage.ts';
import type { Collection, Held } from '../barrier/collection.ts';
import { isLive, type Leader, leaderKey, leaderRecords, type Member, memberRecords } from './member.ts';

export interface LeadershipParts {
  readonly storage: MountStorage;
  readonly nowMs: () => number;
  /** Whether time here is to be trusted: one that doubts it does not take over what ends by time. */
  readonly isClockTrusted: () => boolean;
  readonly log: Log;
}

const current = 'now';

export class Leadership {
  readonly #parts: LeadershipParts;
  readonly #leaders: Collection<Leader>;
  readonly #members: Collection<Member>;
  #known: Held<Leader> | undefined;

  constructor(parts: LeadershipParts) {
    this.#parts = parts;
    this.#leaders = leaderRecords(parts.storage);
    this.#members = memberRecords(parts.storage);
  }

  get leader(): Leader | undefined {
    return this.#known?.record;
  }

  /** What a commit of `node` as the leader holds against, as a key of the core's own records; undefined where it does not lead. */
  fence(node: string): Check | undefined {
    return this.#known?.record.node === node ? { key: leaderKey, expect: this.#known.revision } : undefined;
  }

  /** Reads who leads; says where that was somebody and is nobody now. */
  async follow(): Promise<'left' | undefined> {
    const before = this.#known;
    this.#known = await this.#leaders.get(current);
    return before !== undefined && this.#known === undefined ? 'left' : undefined;
  }

  /** Reads who leads. Takes it over where nobody does. */
  async look(node: string): Promise<void> {
    const held = await this.#leaders.get(current);
    this.#known = held;
    if (held?.record.node === node) return;
    if (!this.#parts.isClockTrusted()) return;
    const before = held && (await this.#members.get(held.record.node));
    if (held !== undefined && before !== undefined && isLive(before.record, this.#parts.nowMs())) return;
    await this.#take(node, held, before);
  }

  async #take(node: string, held: Held<Leader> | undefined, before: Held<Member> | undefined): Promise<void> {
    const { storage, nowMs, log } = this.#parts;
    const leader = { node, sinceMs: nowMs() };
    const checks = [this.#leaders.check(current, held?.revision ?? 'absent'), this.#members.check(node, 'present')];
    if (held !== undefined) checks.push(this.#members.check(held.record.node, before?.revision ?? 'absent'));
    const result = await storage.commit({ checks, writes: [this.#leaders.put(current, leader)] });
    if (!result.ok) return;
    this.#known = { record: leader, revision: result.revision };
    log.write('info', 'this node does the work that one node does for all', { node });
  }

  /** Gives it up, so that another need not wait until this one counts as gone. */
  async leave(node: string): Promise<void> {
    const { storage } = this.#parts;
    const known = this.#known;
    this.#known = undefined;
    if (known?.record.node !== node) return;
    await storage.commit({
      checks: [this.#leaders.check(current, known.revision)],
      writes: [this.#leaders.remove(current)],
    });
  }

  forget(): void {
    this.#known = undefined;
  }
}
