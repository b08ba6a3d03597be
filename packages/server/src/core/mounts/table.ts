/**
 * The mounts that serve and the records behind them. Changes come one after the other, each made from the newest record. Removing and upgrading are written down
 * first, wait for the requests inside, and are worked off in bounded steps, again after a crash.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Engine, MountStorage } from '../../contracts/engine.ts';
import type { Log, LogFields } from '../../contracts/log.ts';
import type { Held } from '../barrier/collection.ts';
import { isClosed, reasonOf } from '../barrier/trouble.ts';
import { Turns } from '../turns.ts';
import { Drains, type OtherNodes } from './drains.ts';
import type { EngineHost } from './host.ts';
import { BuiltInMounts } from './built-in.ts';
import type { Mount, MountClass, MountRecord } from './mount.ts';
import { type Move, Moves } from './moves.ts';
import { conflictWith, routePrefix } from './paths.ts';
import { MountRecords, type Placed } from './records.ts';
import { MountRoutes } from './routes.ts';
import { StalledUpgrades } from './upgrade.ts';

export interface MountTableParts {
  /** The core's own records. */
  readonly storage: MountStorage;
  readonly host: EngineHost;
  /** The core's own mounts: `sys/`, `auth/token/`. Always there; `sys/` first. */
  readonly builtIn: readonly Mount[];
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly others: OtherNodes;
  /** Nobody is inside a mount any more as it was before a change. */
  readonly settled: () => void;
  /** Revokes the tokens and leases that a mount gave which is being removed; answers whether some are left. */
  readonly revokeGiven: (mountId: string) => Promise<boolean>;
}

/** A path loses this many races before it gives up. */
const placeAttempts = 32;
const removalStep = 500;
const removalRetryMs = 10_000;

export class MountTable {
  readonly #parts: MountTableParts;
  readonly #records: MountRecords;
  readonly #turns = new Turns();
  readonly #routes = new MountRoutes();
  readonly #moves: Moves;
  readonly #builtIn: BuiltInMounts;
  readonly drains: Drains;
  /** In which revision of its record each mount is served, or was last. */
  readonly #revisions = new Map<string, number>();
  /** Serve no more; kept while their leases are revoked. */
  readonly #leaving = new Map<string, Leaving>();
  #isClearing = false;
  readonly #upgrades = new StalledUpgrades();
  #clearedAtMs = -Infinity;
  readonly system: Mount;

  constructor(parts: MountTableParts) {
    this.#parts = parts;
    this.#records = new MountRecords(parts.storage);
    this.#moves = new Moves(parts);
    this.drains = new Drains(parts);
    this.#builtIn = new BuiltInMounts(parts.storage, parts.builtIn);
    const [system] = parts.builtIn;
    if (system === undefined) throw new TypeError('a mount table needs the system mount');
    this.system = system;
    this.unload();
  }

  /** Forgets everything but the core's own mounts, as when the store is sealed. */
  unload(): void {
    this.#routes.clear();
    this.#leaving.clear();
    this.#revisions.clear();
    for (const mount of this.#builtIn.plain) this.#routes.set(mount);
  }

  /** Reads all records, serves them, and finishes what was interrupted. A mount that cannot be opened keeps none from it. */
  load(): Promise<void> {
    return this.#turns.take(async () => {
      this.unload();
      await this.#records.loadLayout();
      for (const mount of await this.#builtIn.load()) this.#routes.set(mount);
      for (const id of await this.#records.ids()) {
        try {
          await this.#loadOne(id);
        } catch (error) {
          if (isClosed(error)) throw error;
          this.#warn('a mount cannot be served', { key: `mount/${id}`, error: reasonOf(error) });
        }
      }
      // Nobody has to wait for it: it serves no more, and its path is free. Where there are others, one does it for all.
      if (this.#parts.others.isAlone) void this.#finishRemovals();
    });
  }

  async #loadOne(id: string): Promise<void> {
    const held = await this.#records.get(id);
    if (held === undefined) return;
    const { record } = held;
    if (record.leaving === true) return this.#leave(held);
    this.#refuseConflict(record);
    if (!(await this.#records.claim(record)))
      throw new CofferError('data_corrupt', `path ${record.path} belongs to another mount`);
    await this.#serve(held);
    if (record.upgradingTo !== undefined && this.#parts.others.isAlone)
      await this.#finishUpgrade(record, record.upgradingTo);
  }

  /** Serves what is stored of these mounts by now: another node may have changed them. What is served already stays as it is. */
  async follow(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const held = await this.#records.get(id);
      if (held === undefined) this.#forget(id);
      else if (held.record.leaving === true) await this.#leave(held);
      else await this.#serve(held).catch((error: unknown) => this.#cannotServe(held, error));
    }
  }

  /** What it was before it is no longer. */
  #cannotServe({ record: { id }, revision }: Held<MountRecord>, error: unknown): void {
    if (isClosed(error)) throw error;
    this.#forget(id);
    this.#revisions.set(id, revision);
    this.#warn('a mount cannot be served', { key: `mount/${id}`, error: reasonOf(error) });
  }

  /** Every path that was taken up to this revision is known here. */
  followLayout(revision: number): void {
    this.#records.followLayout(revision);
  }

  /** As `follow`, of what is set of the core's own mounts. */
  async followBuiltIn(): Promise<void> {
    for (const mount of await this.#builtIn.changed()) this.#routes.set(mount);
  }

  /** As `follow`, of all there are and were. */
  async followAll(): Promise<void> {
    await this.followBuiltIn();
    await this.#records.loadLayout();
    await this.follow([
      ...new Set([...(await this.#records.ids()), ...this.#revisions.keys(), ...this.#leaving.keys()]),
    ]);
  }

  #forget(id: string): void {
    for (const mount of this.#routes.mounts) {
      if (mount.record.id !== id) continue;
      this.#routes.delete(mount.prefix);
      this.drains.replaced(mount);
    }
    this.#leaving.delete(id);
    this.#revisions.delete(id);
  }

  /** It serves no more; its leases are still its engine's. */
  async #leave({ record, revision }: Held<MountRecord>): Promise<void> {
    if ((this.#revisions.get(record.id) ?? 0) >= revision) return;
    const mount = this.engineFor(record) === undefined ? undefined : await this.#parts.host.open(record);
    this.#forget(record.id);
    this.#revisions.set(record.id, revision);
    this.#leaving.set(record.id, { record, mount });
  }

  /** Works off removals that wait for leases; to be called now and then. */
  async retryRemovals(): Promise<void> {
    if (this.#parts.clock.monotonic() - this.#clearedAtMs < removalRetryMs) return;
    await this.#finishRemovals();
    await this.#finishUpgrades();
  }

  async #finishUpgrades(): Promise<void> {
    const records = Array.from(this.#routes.mounts, ({ record }) => record);
    for (const record of this.#upgrades.among(records, this.#parts.clock.monotonic())) {
      const upgrading = this.#turns.take(() => this.#finishUpgrade(record, record.upgradingTo ?? record.options));
      await upgrading.catch((error: unknown) =>
        this.#warn('a mount is not upgraded yet', { mount: record.path, error: reasonOf(error) }),
      );
    }
  }

  /** Never rejects. */
  async #finishRemovals(): Promise<void> {
    if (this.#isClearing) return;
    this.#isClearing = true;
    this.#clearedAtMs = this.#parts.clock.monotonic();
    for (const { record } of this.#leaving.values()) {
      try {
        await this.#clear(record);
      } catch (error) {
        if (isClosed(error)) break;
        this.#warn('a mount that was removed cannot be cleared', { key: `mount/${record.id}`, error: reasonOf(error) });
      }
    }
    this.#isClearing = false;
  }

  /** The mount that a request path falls into. */
  resolve(path: string): Mount | undefined {
    return this.#routes.resolve(path);
  }

  at(kind: MountClass, path: string): Mount | undefined {
    return this.#routes.at(routePrefix(kind, path));
  }

  /** Also one that is being removed: its leases are revoked by its engine. */
  byId(id: string): Mount | undefined {
    for (const mount of this.#routes.mounts) if (mount.record.id === id) return mount;
    return this.#leaving.get(id)?.mount;
  }

  /** One of the core's own, which can be tuned, but not moved or removed. */
  isBuiltIn(record: MountRecord): boolean {
    return this.#builtIn.has(record);
  }

  /** Mounts of one class, by path. */
  list(kind: MountClass): readonly Mount[] {
    return [...this.#routes.mounts]
      .filter(mount => mount.record.class === kind)
      .toSorted((a, b) => (a.record.path < b.record.path ? -1 : 1));
  }

  add(record: MountRecord): Promise<void> {
    return this.#turns.take(async () => {
      const revision = await this.#placed(() => {
        this.#refuseConflict(record);
        return this.#records.add(record);
      });
      await this.#serve({ record, revision });
    });
  }

  /**
   * Changes a mount's record; `change` sees the newest. Where it answers one that is to be upgraded, its records are
   * rewritten before this resolves, and it refuses service meanwhile. Answers undefined where there is no such mount.
   */
  change(
    kind: MountClass,
    path: string,
    change: (record: MountRecord) => MountRecord,
  ): Promise<MountRecord | undefined> {
    return this.#turns.take(async () => {
      const there = this.at(kind, path);
      if (there !== undefined && this.isBuiltIn(there.record)) return this.#changeBuiltIn(there, change);
      const found = await this.#newest(kind, path);
      if (found === undefined) return undefined;
      const next = change(found.held.record);
      const revision = await this.#replace(found, next);
      if (next.upgradingTo === undefined) return next;
      if (!(await this.drains.drained(found.mount, revision))) return this.#giveUpUpgrade(next);
      await this.#finishUpgrade(next, next.upgradingTo);
      return next;
    });
  }

  async #changeBuiltIn(mount: Mount, change: (record: MountRecord) => MountRecord): Promise<MountRecord> {
    const next = await this.#builtIn.change(mount, change);
    this.#routes.set(next);
    return next.record;
  }

  /**
   * Stops serving at once; the leases are revoked and the records go in steps, after the requests inside. Where a lease
   * cannot be revoked, the records stay for the attempts to come.
   */
  async remove(kind: MountClass, path: string): Promise<Removal> {
    const found = await this.#turns.take(async () => {
      const one = await this.#newest(kind, path);
      if (one === undefined) return undefined;
      const { record } = one.held;
      const revision = await this.#placed(() => this.#records.change(one.held, { ...record, leaving: true }));
      this.#forget(record.id);
      this.#revisions.set(record.id, revision);
      this.#leaving.set(record.id, { record, mount: one.mount });
      return { ...one, revision };
    });
    if (found === undefined) return 'absent';
    await this.drains.drained(found.mount, found.revision);
    return (await this.#clear(found.held.record)) ? 'removed' : 'waits for leases';
  }

  /** Moves a mount; the answer is the id to ask `moved` with, or undefined where there is no such mount. */
  move(kind: MountClass, from: string, to: string): Promise<string | undefined> {
    return this.#turns.take(async () => {
      const found = await this.#newest(kind, from);
      if (found === undefined) return undefined;
      await this.#replace(found, { ...found.held.record, path: to });
      return this.#moves.remember({ source: routePrefix(kind, from), target: routePrefix(kind, to) });
    });
  }

  /** A recent move, done. */
  moved(id: string): Promise<Move | undefined> {
    return this.#moves.get(id);
  }

  /** What engine a record would get; undefined where none is known. */
  engineFor(record: Pick<MountRecord, 'class' | 'type' | 'options'>): Engine | undefined {
    return this.#parts.host.engineFor(record);
  }

  async #newest(kind: MountClass, path: string): Promise<Found | undefined> {
    const mount = this.at(kind, path);
    if (mount === undefined || this.isBuiltIn(mount.record)) return undefined;
    const held = await this.#records.get(mount.record.id);
    return held === undefined || held.record.leaving === true ? undefined : { mount, held };
  }

  /** Writes the record and serves it; it may stand at another path. */
  async #replace({ mount, held }: Found, next: MountRecord): Promise<number> {
    const revision = await this.#placed(() => {
      if (next.path !== held.record.path) this.#refuseConflict(next, mount.prefix);
      return this.#records.change(held, next);
    });
    await this.#serve({ record: next, revision });
    return revision;
  }

  /** Where another node takes a path at the same time, the decision is made again with that path. */
  async #placed(place: () => Promise<Placed>): Promise<number> {
    for (let attempt = 0; attempt < placeAttempts; attempt++) {
      const revision = await place();
      if (revision !== undefined) return revision;
      await this.#parts.others.catchUp();
    }
    throw new CofferError('conflict', 'too many mounts are made or moved at the same time; try again');
  }

  /** What is still running inside would write records of the old version that nobody finds afterwards. */
  async #giveUpUpgrade(record: MountRecord): Promise<never> {
    const found = await this.#newest(record.class, record.path);
    if (found !== undefined) {
      const { upgradingTo: _, ...rest } = found.held.record;
      await this.#replace(found, rest);
    }
    throw new CofferError('conflict', `requests are still running in ${record.path}: it was not upgraded; try again`);
  }

  async #finishUpgrade(record: MountRecord, options: ReadonlyMap<string, string>): Promise<void> {
    await this.#parts.host.upgrade(record);
    const found = await this.#newest(record.class, record.path);
    if (found === undefined) return;
    const { upgradingTo: _, ...rest } = found.held.record;
    await this.#replace(found, { ...rest, options });
  }

  #refuseConflict(record: MountRecord, except?: string): void {
    const taken = [...this.#routes.prefixes].filter(prefix => prefix !== except);
    const hit = conflictWith(routePrefix(record.class, record.path), taken);
    if (hit !== undefined) throw new CofferError('invalid_request', `path is already in use at ${hit}`);
  }

  /** Unless it is served in this revision or a later one: the node that made the change hears of it again. */
  async #serve({ record, revision }: Held<MountRecord>): Promise<void> {
    if ((this.#revisions.get(record.id) ?? 0) >= revision) return;
    const mount = await this.#parts.host.open(record);
    if ((this.#revisions.get(record.id) ?? 0) >= revision) return;
    this.#forget(record.id);
    this.#revisions.set(record.id, revision);
    this.#routes.set(mount);
  }

  /** Answers whether all is gone. */
  async #clear(record: MountRecord): Promise<boolean> {
    if (await this.#parts.revokeGiven(record.id)) return false;
    const storage = this.#parts.host.storageOf(record);
    for (;;) {
      const some = await storage.range('', { limit: removalStep, values: false });
      if (some.length === 0) break;
      await storage.commit({ writes: some.map(({ key }) => ({ key, value: undefined })) });
    }
    await this.#records.remove(record.id);
    this.#forget(record.id);
    return true;
  }

  #warn(message: string, fields: LogFields): void {
    this.#parts.log.write('warn', message, fields);
  }
}

export type Removal = 'absent' | 'removed' | 'waits for leases';

/** A mount on its way out; without an engine where this server has none of its type. */
interface Leaving {
  readonly record: MountRecord;
  readonly mount: Mount | undefined;
}

/** A mount that serves, and its newest record. */
interface Found {
  readonly mount: Mount;
  readonly held: Held<MountRecord>;
}
