/**
 * Which audit devices there are: those the configuration names, and those made through the API where the configuration
 * allows it. A device's salt is made once and kept in the store, so that hashes stay comparable across restarts.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditChain, AuditSink, Observed } from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import { HmacKey } from '../../platform/crypto/hash.ts';
import { Collection } from '../barrier/collection.ts';
import { plainShape } from '../barrier/plain-shape.ts';
import { Rounds } from '../rounds.ts';
import { Turns } from '../turns.ts';
import type { AuditBroker } from './broker.ts';
import type { Checkpoints } from './checkpoints.ts';
import { AuditHasher } from './hashing.ts';
import { LateSink } from './late-sink.ts';
import { checkDevice, checkWhole, readRecordOptions, readSelection } from './options.ts';
import { AuditFormat, type FormatParts } from './record.ts';

export interface AuditStanza {
  readonly type: string;
  /** With a trailing `/`. */
  readonly path: string;
  readonly description: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Ends records and ties the writes of a device to each other. */
export interface DeviceLane extends AuditChain {
  /** What ends the next record. */
  recordEnd(): string;
}

/** Where the lanes of devices begin and end. */
export type Lanes = Pick<Checkpoints, 'load' | 'unload' | 'end'> & {
  /** Of a device that is about to be opened. */
  begin(device: string, prefix: string): DeviceLane;
};

export interface AuditDeviceParts {
  readonly storage: MountStorage;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  readonly broker: AuditBroker;
  readonly checkpoints: Lanes;
  readonly headers: NonNullable<FormatParts['headers']>;
  readonly configured: readonly AuditStanza[];
  readonly open: (stanza: AuditStanza, chain: AuditChain) => Promise<AuditSink & Partial<Observed>>;
}

const devicesLimit = 16;
/** Between two looks whether the files of devices are still there. */
export const watchEveryMs = 1000;

const optionsOf = (devices: Iterable<Pick<AuditStanza, 'options'>>): readonly ReadonlyMap<string, string>[] =>
  Array.from(devices, ({ options }) => options);

export class AuditDevices {
  readonly #parts: AuditDeviceParts;
  readonly #made: Collection<AuditStanza>;
  readonly #turns = new Turns();
  /** Whether files were deleted under their devices: nothing else would show it, and every record would go nowhere. */
  readonly #watch: Rounds;
  #configured: readonly AuditStanza[];
  #isLoaded = false;

  constructor(parts: AuditDeviceParts) {
    this.#parts = parts;
    this.#configured = parts.configured;
    const { clock, broker } = parts;
    this.#watch = new Rounds({ clock, everyMs: watchEveryMs, look: () => broker.watch() });
    this.#made = new Collection<AuditStanza>(parts.storage, 'audit/device/', plainShape('audit device', ['options']));
  }

  /**
   * Opens every device. One that cannot be opened is logged and tried again while the others write: it could be removed
   * from a closed store by nobody. Throws where none of them can be opened: nothing runs unaudited by mistake.
   */
  load(): Promise<void> {
    return this.#turns.take(() => this.#load());
  }

  async #load(): Promise<void> {
    const { broker, checkpoints } = this.#parts;
    const stanzas = await this.#withMade(this.#configured);
    await checkpoints.load();
    let open = 0;
    for (const stanza of stanzas.values()) if (await this.#openNowOrLater(stanza)) open++;
    this.#isLoaded = open > 0 || stanzas.size === 0;
    if (this.#isLoaded) {
      broker.opened();
      return this.#watch.start();
    }
    await broker.clear();
    checkpoints.unload();
    throw noneOpens();
  }

  /** With those made through the API. Throws where what none of them takes would go unrecorded. */
  async #withMade(configured: readonly AuditStanza[]): Promise<ReadonlyMap<string, AuditStanza>> {
    const stanzas = new Map(configured.map(stanza => [stanza.path, stanza]));
    for (const { record } of await this.#made.list()) if (!stanzas.has(record.path)) stanzas.set(record.path, record);
    checkWhole(optionsOf(stanzas.values()));
    return stanzas;
  }

  /** As when the store is sealed. */
  async unload(): Promise<void> {
    this.#isLoaded = false;
    this.#watch.stop();
    await this.#parts.broker.clear();
    this.#parts.checkpoints.unload();
  }

  /**
   * The configuration names these from now on: new ones are opened, those it no longer names are closed; one that stays
   * keeps its options. A new one that cannot be opened is left out and logged. Throws, and leaves all as it was, where
   * none of them would be open. While the store is sealed they are only taken note of.
   */
  reconfigure(configured: readonly AuditStanza[]): Promise<void> {
    return this.#turns.take(() => this.#reconfigure(configured));
  }

  async #reconfigure(configured: readonly AuditStanza[]): Promise<void> {
    const { broker } = this.#parts;
    if (this.#isLoaded) {
      await this.#withMade(configured);
      for (const stanza of configured) await this.#openAnew(stanza);
      if (configured.length > 0 && !configured.some(({ path }) => broker.device(path) !== undefined)) throw noneOpens();
      const gone = this.#configured.filter(({ path }) => configured.every(stanza => stanza.path !== path));
      for (const { path } of gone) await this.#close(path);
    }
    this.#configured = configured;
    // Sealed meanwhile: nothing stays open.
    if (!this.#isLoaded) await broker.clear();
  }

  async #openAnew(stanza: AuditStanza): Promise<void> {
    const { broker, log } = this.#parts;
    const there = broker.device(stanza.path);
    if (there === undefined) {
      await this.#open(stanza).catch((cause: unknown) => {
        if (!(cause instanceof CofferError)) throw cause;
        log.write('error', 'an audit device cannot be opened', { device: stanza.path, reason: cause.publicMessage });
      });
    } else if (!sameOptions(there, stanza))
      log.write('warn', 'an audit device keeps its options until the server starts anew', { device: stanza.path });
  }

  /** Opens and closes what another node made or removed through its API; its options are those of the record. */
  follow(): Promise<void> {
    return this.#turns.take(() => this.#follow());
  }

  async #follow(): Promise<void> {
    if (!this.#isLoaded) return;
    const { broker } = this.#parts;
    const isConfigured = (path: string): boolean => this.#configured.some(stanza => stanza.path === path);
    const made = new Map((await this.#made.list()).map(({ record }) => [record.path, record]));
    for (const { path, ...device } of broker.devices()) {
      const wanted = made.get(path);
      if (isConfigured(path) || (wanted !== undefined && sameOptions(device, wanted))) made.delete(path);
      else await this.#close(path);
    }
    for (const stanza of made.values()) if (!isConfigured(stanza.path)) await this.#openNowOrLater(stanza);
  }

  enable(stanza: AuditStanza): Promise<void> {
    checkDevice(stanza.type, stanza.options);
    return this.#turns.take(() => this.#enable(stanza));
  }

  disable(path: string): Promise<void> {
    return this.#turns.take(() => this.#disable(path));
  }

  async #enable(stanza: AuditStanza): Promise<void> {
    const { broker, storage } = this.#parts;
    if (broker.device(stanza.path) !== undefined)
      throw new CofferError('invalid_request', `path already in use: ${stanza.path}`);
    if (broker.devices().length >= devicesLimit)
      throw new CofferError('invalid_request', `there are ${devicesLimit} audit devices already`);
    checkWhole(optionsOf([...broker.devices(), stanza]));
    await this.#open(stanza);
    try {
      const { ok } = await storage.commit({
        checks: [this.#made.check(stanza.path, 'absent')],
        writes: [this.#made.put(stanza.path, stanza)],
      });
      if (!ok) throw new CofferError('invalid_request', `path already in use: ${stanza.path}`);
    } catch (cause) {
      // It would be gone with the next start, and nobody was told that it is there.
      await this.#close(stanza.path);
      throw cause;
    }
  }

  async #disable(path: string): Promise<void> {
    if (this.#configured.some(stanza => stanza.path === path))
      throw new CofferError(
        'invalid_request',
        `audit device ${path} comes from the configuration; remove it there and reload`,
      );
    checkWhole(optionsOf(this.#parts.broker.devices().filter(device => device.path !== path)));
    await this.#parts.storage.commit({ writes: [this.#made.remove(path)] });
    await this.#close(path);
  }

  async #close(path: string): Promise<void> {
    await this.#parts.broker.remove(path);
    await this.#parts.checkpoints.end(path);
  }

  async #open(stanza: AuditStanza): Promise<void> {
    const lane = this.#begin(stanza);
    await this.#add(stanza, lane, await this.#parts.open(stanza, lane));
  }

  async #openNowOrLater(stanza: AuditStanza): Promise<boolean> {
    const { open, clock, log } = this.#parts;
    const { path, type } = stanza;
    const lane = this.#begin(stanza);
    try {
      await this.#add(stanza, lane, await open(stanza, lane));
      return true;
    } catch (cause) {
      if (!(cause instanceof CofferError)) throw cause;
      log.write('error', 'an audit device cannot be opened', { device: path, reason: cause.publicMessage });
      await this.#add(stanza, lane, new LateSink({ path, type, clock, log, open: () => open(stanza, lane) }));
      return false;
    }
  }

  #begin({ path, options }: AuditStanza): DeviceLane {
    return this.#parts.checkpoints.begin(path, readRecordOptions(options).layout.prefix);
  }

  async #add(stanza: AuditStanza, lane: DeviceLane, sink: AuditSink & Partial<Observed>): Promise<void> {
    const key = new HmacKey(new TextEncoder().encode(await this.#salt(stanza.path)));
    const { clear, layout } = readRecordOptions(stanza.options);
    const hasher = new AuditHasher(key, clear);
    const { broker, headers } = this.#parts;
    const format = new AuditFormat({ hasher, layout, lane, headers });
    broker.add({ ...stanza, sink, format, selection: readSelection(stanza.options) });
  }

  async #salt(path: string): Promise<string> {
    const { storage, random } = this.#parts;
    const salts = new Collection<{ readonly salt: string }>(storage, 'audit/salt/', plainShape('audit salt'));
    const known = await salts.get(path);
    if (known !== undefined) return known.record.salt;
    const salt = random.uuid();
    const { ok } = await storage.commit({ checks: [salts.check(path, 'absent')], writes: [salts.put(path, { salt })] });
    // Another node may have been first.
    return ok ? salt : this.#salt(path);
  }
}

const sameOptions = (one: Pick<AuditStanza, 'options'>, other: AuditStanza): boolean =>
  one.options.size === other.options.size &&
  [...one.options].every(([name, value]) => other.options.get(name) === value);

/** Without a path: it is told to whoever hands in the last share. */
const noneOpens = (): CofferError =>
  new CofferError(
    'audit_failed',
    'no audit device can be opened, so nothing changes; see the server log for the devices and their errors',
  );
