/**
 * Keeps, behind the barrier, how far the chain of each lane has come. Whoever holds a device's file can cut it off or replace
 * it; not the checkpoint. Taken behind the first write of a lane, when it has moved and five seconds or ten thousand records
 * have passed, whichever is first, and before the store is sealed: no request waits for it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import { HmacKey } from '../../platform/crypto/hash.ts';
import { sameSecret } from '../../platform/crypto/equal.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import { Lane, type Place, signedText } from './lane.ts';

/** Of their records. */
export const checkpointPrefix = 'audit/chain/';
export const checkpointEveryMs = 5_000;
export const checkpointEveryRecords = 10_000;
/** Lanes remembered; the oldest is forgotten first. */
export const lanesLimit = 10_000;
/** What is taken before the store is sealed is not waited for any longer. */
const lastLimitMs = 2_000;

/** How far a lane had come. */
export interface Checkpoint extends Place {
  readonly lane: string;
  readonly device: string;
  /** Whose device it is, where there are several nodes. */
  readonly node?: string;
  /** The key term that the lane's key comes from. */
  readonly term: number;
  readonly startedAtMs: number;
  readonly takenAtMs: number;
}

/** What the chain needs of the barrier. */
export interface ChainKeys {
  readonly storeId: Uint8Array;
  keyStatus(): { readonly term: number };
  derive(purpose: string, term: number): Uint8Array | undefined;
}

export interface CheckpointParts {
  readonly storage: MountStorage;
  readonly keys: ChainKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Which of several nodes this is, also after it was started anew; '' where it is the only one. */
  readonly node: () => Promise<string>;
}

/** The end of a write as a file has it. */
export interface Link extends Place {
  readonly lane: string;
  readonly term: number;
  /** In hex. */
  readonly mac: string;
}

const idTimeDigits = 9;
const idChanceBytes = 5;
const idChanceDigits = 8;

export class Checkpoints {
  readonly #parts: CheckpointParts;
  readonly #kept: Collection<Checkpoint>;
  readonly #lanes = new Map<string, Lane>();
  /** As stored, oldest lane first. */
  #known = new Map<string, Checkpoint>();
  #node = '';
  #stopTimer: () => void = () => {};
  #taking: Promise<void> | undefined;
  /** The last one could not be stored: the next is tried when its time has come, not with every write. */
  #hasFailed = false;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
    this.#kept = new Collection<Checkpoint>(parts.storage, checkpointPrefix, plainShape('audit checkpoint'));
  }

  async load(): Promise<void> {
    this.#node = await this.#parts.node();
    this.#known = new Map((await this.#kept.list()).map(({ id, record }) => [id, record]));
    this.#soon();
  }

  /** These lanes, of other nodes perhaps, have come further, or are forgotten. */
  async follow(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const held = await this.#kept.get(id);
      if (held === undefined) this.#known.delete(id);
      else this.#remember(id, held.record);
    }
  }

  async followAll(): Promise<void> {
    this.#known = new Map((await this.#kept.list()).map(({ id, record }) => [id, record]));
  }

  /** Lanes stay in the order of their ids, which is that of their beginnings. */
  #remember(id: string, checkpoint: Checkpoint): void {
    const last = [...this.#known.keys()].at(-1) ?? '';
    const isInOrder = this.#known.has(id) || id > last;
    this.#known.set(id, checkpoint);
    if (!isInOrder) this.#known = new Map([...this.#known].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }

  unload(): void {
    this.#stopTimer();
    for (const lane of this.#lanes.values()) lane.wipe();
    this.#lanes.clear();
    this.#known = new Map();
  }

  /** The lane of a device that is about to be opened. */
  begin(device: string, prefix: string): Lane {
    const { keys, clock } = this.#parts;
    const before = [...this.#known.values()].findLast(one => one.device === device && (one.node ?? '') === this.#node);
    const id = this.#newId();
    const { term } = keys.keyStatus();
    const key = this.#key(id, term);
    // A lane under a key that anybody knows would prove nothing.
    if (key === undefined) throw new CofferError('sealed', 'Vault is sealed');
    const lane = new Lane({
      id,
      key,
      term,
      storeId: keys.storeId.toHex(),
      device,
      prefix,
      clock,
      after: before && { lane: before.lane, sequence: before.sequence, hash: before.hash },
      moved: () => this.#moved(lane),
    });
    this.#lanes.get(device)?.wipe();
    this.#lanes.set(device, lane);
    return lane;
  }

  /** The device is closed. */
  async end(device: string): Promise<void> {
    const lane = this.#lanes.get(device);
    await this.#takeAnew();
    if (lane === undefined || this.#lanes.get(device) !== lane) return;
    this.#lanes.delete(device);
    lane.wipe();
  }

  /** Of every lane how far it has come by now, oldest first. */
  list(): readonly Checkpoint[] {
    const all = new Map(this.#known);
    for (const lane of this.#lanes.values()) if (lane.written.sequence > 0) all.set(lane.parts.id, this.#of(lane));
    return [...all.values()];
  }

  /** Whether a lane's key made the MAC, in the order asked. */
  check(links: readonly Link[]): readonly boolean[] {
    const macs = new Map<string, HmacKey | undefined>();
    const answers = links.map(link => {
      const name = `${link.term} ${link.lane}`;
      if (!macs.has(name)) macs.set(name, this.#macKey(link));
      return isMadeBy(macs.get(name), link);
    });
    for (const key of macs.values()) key?.wipe();
    return answers;
  }

  /** Of all lanes that have moved. Failures are told in the log: the next one says the same and more. */
  take(): Promise<void> {
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  /** While the store is still open, and within a limit: sealing waits for it. */
  async takeLast(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const stop = this.#parts.clock.after(lastLimitMs, late.resolve);
    await Promise.race([this.#takeAnew(), late.promise]);
    stop();
  }

  /** One that was begun now. */
  async #takeAnew(): Promise<void> {
    await this.#taking;
    await this.take();
  }

  async #take(): Promise<void> {
    const moved = [...this.#lanes.values()].filter(lane => this.#ahead(lane) > 0).map(lane => this.#of(lane));
    if (moved.length === 0) return;
    const next = new Map(this.#known);
    for (const one of moved) next.set(one.lane, one);
    const spare = [...next.keys()].slice(0, Math.max(0, next.size - lanesLimit));
    for (const id of spare) next.delete(id);
    try {
      await this.#parts.storage.commit({
        writes: [...moved.map(one => this.#kept.put(one.lane, one)), ...spare.map(id => this.#kept.remove(id))],
      });
      for (const one of moved) this.#remember(one.lane, one);
      for (const id of spare) this.#known.delete(id);
      this.#hasFailed = false;
    } catch (cause) {
      this.#hasFailed = true;
      const error = cause instanceof Error ? cause.message : 'unknown';
      this.#parts.log.write('warn', 'a checkpoint of the audit chain could not be stored; trying again', { error });
    }
  }

  #moved(lane: Lane): void {
    // The first one at once: that there was a lane must be known, however soon its server dies.
    const isDue = this.#ahead(lane) >= checkpointEveryRecords || !this.#known.has(lane.parts.id);
    if (isDue && !this.#hasFailed && this.#taking === undefined) void this.take();
  }

  #ahead({ parts, written }: Lane): number {
    return written.sequence - (this.#known.get(parts.id)?.sequence ?? 0);
  }

  #of({ parts, written, startedAtMs }: Lane): Checkpoint {
    const { id, device, term } = parts;
    const node = this.#node === '' ? {} : { node: this.#node };
    return { lane: id, device, ...node, term, startedAtMs, takenAtMs: this.#parts.clock.now(), ...written };
  }

  #soon(): void {
    this.#stopTimer = this.#parts.clock.after(checkpointEveryMs, () => {
      this.#soon();
      void this.take();
    });
  }

  /** Behind all that are known, also where the clock was set back: verification goes by their order. */
  #newId(): string {
    const { clock, random } = this.#parts;
    const ids = [...this.#known.keys(), ...[...this.#lanes.values()].map(({ parts }) => parts.id)];
    const last = ids.reduce((max, id) => Math.max(max, Number.parseInt(id.slice(0, idTimeDigits), 36)), 0);
    const timeMs = Math.max(clock.now(), last + 1);
    const chance = random.bytes(idChanceBytes).reduce((sum, byte) => sum * 256 + byte, 0);
    return `${timeMs.toString(36).padStart(idTimeDigits, '0')}${chance.toString(36).padStart(idChanceDigits, '0')}`;
  }

  #key(lane: string, term: number): Uint8Array | undefined {
    return this.#parts.keys.derive(`coffer audit lane 1 ${lane}`, term);
  }

  #macKey({ lane, term }: Link): HmacKey | undefined {
    const key = this.#key(lane, term);
    const mac = key && new HmacKey(key);
    key?.fill(0);
    return mac;
  }
}

const isMadeBy = (key: HmacKey | undefined, link: Link): boolean =>
  key !== undefined && sameSecret(key.hex(signedText(link)), link.mac);
