/**
 * Gives engines what they declared they need, bound to one mount, and nothing else.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Capabilities, Caller, Engine, MountInfo, MountStorage } from '../../contracts/engine.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import type { Exchange } from '../request/exchange.ts';
import { effectiveTtl, type SystemTtl } from './lease-times.ts';
import type { Mount, MountRecord } from './mount.ts';
import { routePrefix } from './paths.ts';
import { RowTable } from './row-table.ts';
import { RequestCount } from './running.ts';

export interface EngineHostParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly resolve: (
    kind: MountRecord['class'],
    type: string,
    options: ReadonlyMap<string, string>,
  ) => Engine | undefined;
  readonly storageOf: (record: MountRecord) => MountStorage;
  readonly ttl: SystemTtl;
  /** Most bytes a caller can write at once. */
  readonly bodyLimitBytes: number;
  /** Rewrites kv version 1 records as version 2. Idempotent. */
  readonly upgradeKv: (storage: MountStorage, random: Random, clock: Clock) => Promise<void>;
}

const nobody: Caller = Object.freeze({ tokenId: undefined, tokenType: 'none', displayName: '', entityId: '' });

export class EngineHost {
  readonly #parts: EngineHostParts;
  readonly #tables = new WeakMap<Engine, RowTable>();

  constructor(parts: EngineHostParts) {
    this.#parts = parts;
  }

  engineFor(record: Pick<MountRecord, 'class' | 'type' | 'options'>): Engine | undefined {
    return this.#parts.resolve(record.class, record.type, record.options);
  }

  storageOf(record: MountRecord): MountStorage {
    return this.#parts.storageOf(record);
  }

  async open(record: MountRecord): Promise<Mount> {
    const engine = this.engineFor(record);
    if (engine === undefined)
      throw new CofferError('internal', `mount ${record.path}: this server has no engine of type "${record.type}"`);
    return {
      record,
      prefix: routePrefix(record.class, record.path),
      table: this.#tableOf(engine),
      contextFor: record.upgradingTo === undefined ? this.#contexts(engine, record) : upgrading,
      running: new RequestCount(),
    };
  }

  async upgrade(record: MountRecord): Promise<void> {
    await this.#parts.upgradeKv(this.storageOf(record), this.#parts.random, this.#parts.clock);
  }

  #tableOf(engine: Engine): RowTable {
    const there = this.#tables.get(engine);
    if (there !== undefined) return there;
    const made = new RowTable(engine.rows);
    this.#tables.set(engine, made);
    return made;
  }

  /** Engines that do not ask who calls share one context for all requests. */
  #contexts(engine: Engine, record: MountRecord): (exchange: Exchange) => unknown {
    const { clock, random, storageOf } = this.#parts;
    const all: Omit<Capabilities, 'caller'> = {
      storage: storageOf(record),
      clock,
      random,
      mountInfo: this.#info(record),
    };
    const shared = Object.freeze(
      Object.fromEntries(engine.needs.filter(need => need !== 'caller').map(need => [need, all[need]])),
    );
    if (!engine.needs.includes('caller')) return () => shared;
    return exchange => ({ ...shared, caller: callerOf(exchange) });
  }

  #info(record: MountRecord): MountInfo {
    return Object.freeze({
      path: record.path,
      accessor: record.accessor,
      options: record.options,
      ...effectiveTtl(record.config, this.#parts.ttl),
      bodyLimitBytes: this.#parts.bodyLimitBytes,
    });
  }
}

const upgrading = (): never => {
  throw new CofferError(
    'invalid_request',
    'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.',
  );
};

const callerOf = (exchange: Exchange): Caller => {
  const token = exchange.caller?.token;
  if (token === undefined) return nobody;
  return {
    tokenId: token.type === 'service' ? token.accessor : undefined,
    tokenType: token.type,
    displayName: token.displayName,
    entityId: token.entityId,
  };
};
