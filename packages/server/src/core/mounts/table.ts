/**
 * The mounts that serve and the records behind them. Finding a mount is a few map look-ups, since no mount stands inside
 * another. Removing and upgrading are written down first and worked off in bounded steps, again after a crash.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Engine, MountStorage } from '../../contracts/engine.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import { Turns } from '../turns.ts';
import type { EngineHost } from './host.ts';
import type { Mount, MountClass, MountRecord } from './mount.ts';
import { conflictWith, routePrefix } from './paths.ts';

export interface MountTableParts {
  /** The core's own records. */
  readonly storage: MountStorage;
  readonly host: EngineHost;
  /** The core's own mounts: `sys/`, `auth/token/`. Always there; `sys/` first. */
  readonly builtIn: readonly Mount[];
  readonly newId: () => string;
}

export interface Move {
  readonly source: string;
  readonly target: string;
}

const removalStep = 500;
/** Moves whose outcome can still be asked for. */
const rememberedMoves = 100;

export class MountTable {
  readonly #parts: MountTableParts;
  readonly #records: Collection<MountRecord>;
  readonly #byPrefix = new Map<string, Mount>();
  readonly #moves = new Map<string, Move>();
  readonly system: Mount;
  readonly #turns = new Turns();

  constructor(parts: MountTableParts) {
    this.#parts = parts;
    this.#records = new Collection<MountRecord>(
      parts.storage,
      'mount/',
      plainShape('mount', ['options', 'upgradingTo']),
    );
    const [system] = parts.builtIn;
    if (system === undefined) throw new TypeError('a mount table needs the system mount');
    this.system = system;
    this.unload();
  }

  /** Forgets everything but the core's own mounts, as when the store is sealed. */
  unload(): void {
    this.#byPrefix.clear();
    for (const mount of this.#parts.builtIn) this.#byPrefix.set(mount.prefix, mount);
  }

  /** Reads all records, serves them, and finishes what was interrupted. */
  async load(): Promise<void> {
    this.unload();
    for (const { record } of await this.#records.list()) {
      if (record.leaving === true) await this.#clear(record);
      else if (record.upgradingTo !== undefined) await this.#finishUpgrade(record, record.upgradingTo);
      else await this.#serve(record);
    }
  }

  /** The mount that a request path falls into. */
  resolve(path: string): Mount | undefined {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const mount = this.#byPrefix.get(path.slice(0, slash + 1));
      if (mount !== undefined) return mount;
    }
    return undefined;
  }

  at(kind: MountClass, path: string): Mount | undefined {
    return this.#byPrefix.get(routePrefix(kind, path));
  }

  /** One of the core's own, which have no record. */
  isBuiltIn(record: MountRecord): boolean {
    return this.#parts.builtIn.some(mount => mount.record === record);
  }

  /** Mounts of one class, by path. */
  list(kind: MountClass): readonly Mount[] {
    return [...this.#byPrefix.values()]
      .filter(mount => mount.record.class === kind)
      .toSorted((a, b) => (a.record.path < b.record.path ? -1 : 1));
  }

  /** Runs work that reads mounts and then changes them; see `Turns`. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  async add(record: MountRecord): Promise<void> {
    this.#refuseConflict(record);
    await this.#write(record, 'absent');
    await this.#serve(record);
  }

  /** Replaces a record under the one it was made from; `next` may stand at another path. */
  async replace(before: MountRecord, next: MountRecord): Promise<void> {
    const prefix = routePrefix(before.class, before.path);
    if (next.path !== before.path) this.#refuseConflict(next, prefix);
    await this.#write(next, 'present');
    this.#byPrefix.delete(prefix);
    await this.#serve(next);
  }

  /** Stops serving at once; the records go in steps. */
  async remove(record: MountRecord): Promise<void> {
    const leaving: MountRecord = { ...record, leaving: true };
    await this.#write(leaving, 'present');
    this.#byPrefix.delete(routePrefix(record.class, record.path));
    await this.#clear(leaving);
  }

  /** Rewrites the mount's records for other options; it refuses service meanwhile. */
  async upgrade(record: MountRecord, options: ReadonlyMap<string, string>): Promise<void> {
    const upgrading: MountRecord = { ...record, upgradingTo: options };
    await this.replace(record, upgrading);
    await this.#finishUpgrade(upgrading, options);
  }

  async #finishUpgrade(record: MountRecord, options: ReadonlyMap<string, string>): Promise<void> {
    await this.#parts.host.upgrade(record);
    const { upgradingTo: _, ...rest } = record;
    await this.replace(record, { ...rest, options });
  }

  /** Moves a mount; the answer is the id to ask `moved` with. */
  async move(record: MountRecord, path: string): Promise<string> {
    const move: Move = { source: routePrefix(record.class, record.path), target: routePrefix(record.class, path) };
    await this.replace(record, { ...record, path });
    const [oldest] = this.#moves.keys();
    if (this.#moves.size >= rememberedMoves && oldest !== undefined) this.#moves.delete(oldest);
    const id = this.#parts.newId();
    this.#moves.set(id, move);
    return id;
  }

  /** A recent move, done. */
  moved(id: string): Move | undefined {
    return this.#moves.get(id);
  }

  /** What engine a record would get; undefined where none is known. */
  engineFor(record: Pick<MountRecord, 'class' | 'type' | 'options'>): Engine | undefined {
    return this.#parts.host.engineFor(record);
  }

  #refuseConflict(record: MountRecord, except?: string): void {
    const taken = [...this.#byPrefix.keys()].filter(prefix => prefix !== except);
    const hit = conflictWith(routePrefix(record.class, record.path), taken);
    if (hit !== undefined) throw new CofferError('invalid_request', `path is already in use at ${hit}`);
  }

  async #write(record: MountRecord, expect: 'absent' | 'present'): Promise<void> {
    const result = await this.#parts.storage.commit({
      checks: [this.#records.check(record.id, expect)],
      writes: [this.#records.put(record.id, record)],
    });
    if (!result.ok)
      throw new CofferError('conflict', `mount ${record.path} was changed by somebody else at the same time`);
  }

  async #serve(record: MountRecord): Promise<void> {
    const mount = await this.#parts.host.open(record);
    this.#byPrefix.set(mount.prefix, mount);
  }

  async #clear(record: MountRecord): Promise<void> {
    const storage = this.#parts.host.storageOf(record);
    for (;;) {
      const some = await storage.range('', { limit: removalStep, values: false });
      if (some.length === 0) break;
      await storage.commit({ writes: some.map(({ key }) => ({ key, value: undefined })) });
    }
    await this.#parts.storage.commit({ writes: [this.#records.remove(record.id)] });
  }
}
