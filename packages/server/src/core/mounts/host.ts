/**
 * Gives engines what they declared they need, bound to one mount, and nothing else.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Capabilities, Caller, Engine, Leases, MountInfo, MountStorage } from '../../contracts/engine.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Random } from '../../contracts/random.ts';
import type { Slow } from '../../contracts/slow.ts';
import type { Exchange } from '../request/exchange.ts';
import { effectiveTtl, type SystemTtl } from './lease-times.ts';
import type { LeaseWork, Mount, MountRecord, RenewLogin } from './mount.ts';
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
  readonly powers: RequestPowers;
  readonly outward: Outward;
  /** Rewrites kv version 1 records as version 2. Idempotent. */
  readonly upgradeKv: (storage: MountStorage, random: Random, clock: Clock) => Promise<void>;
}

/** What of the world outside an engine may be given. */
export type Outward = Pick<Capabilities, 'http' | 'jwt' | 'pod' | 'yaml'>;

/** What an engine gets anew for each request, made by parts of the core that stand above mounts. */
export interface RequestPowers {
  readonly leasesFor: (asked: { readonly record: MountRecord; readonly exchange: Exchange }) => Leases;
  /** Without an exchange: for what no request waits for. */
  readonly slowFor: (record: MountRecord, exchange?: Exchange) => Slow;
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
      leaseWork: record.upgradingTo === undefined ? this.#leaseWork(engine, record) : undefined,
      renewLogin: this.#renewLogin(engine, record),
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
    const shared = this.#shared(engine, record);
    const [asksCaller, asksLeases, asksSlow] = (['caller', 'leases', 'slow'] as const).map(need =>
      engine.needs.includes(need),
    );
    if (asksLeases && engine.leases === undefined)
      throw new TypeError(`engine ${engine.type} gives leases and does not say how they are revoked`);
    if (!asksCaller && !asksLeases && !asksSlow) return () => shared;
    return exchange => ({
      ...shared,
      ...(asksCaller ? { caller: callerOf(exchange) } : {}),
      ...(asksLeases ? { leases: this.#parts.powers.leasesFor({ record, exchange }) } : {}),
      ...(asksSlow ? { slow: this.#parts.powers.slowFor(record, exchange) } : {}),
    });
  }

  /** What is the same for every request. */
  #shared(engine: Engine, record: MountRecord): { readonly [need: string]: unknown } {
    const { clock, random, storageOf, outward } = this.#parts;
    const own = { storage: storageOf(record), clock, random, mountInfo: this.#info(record) };
    const all: Partial<Capabilities> = { ...own, ...outward };
    const wanted = engine.needs.filter(need => need in all);
    return Object.freeze(Object.fromEntries(wanted.map(need => [need, all[need]])));
  }

  #leaseWork(engine: Engine, record: MountRecord): LeaseWork | undefined {
    const { leases } = engine;
    if (leases === undefined) return undefined;
    const context = this.#unasked(engine, record);
    const { renew } = leases;
    return {
      revoke: data => leases.revoke(context, data),
      renew: renew === undefined ? undefined : (data, span) => renew.call(leases, context, data, span),
    };
  }

  #renewLogin(engine: Engine, record: MountRecord): RenewLogin | undefined {
    const { logins } = engine;
    if (logins === undefined) return undefined;
    const context = this.#unasked(engine, record);
    return renewal => logins.renew(context, renewal);
  }

  /** For what no request asks. */
  #unasked(engine: Engine, record: MountRecord): { readonly [need: string]: unknown } {
    const { needs } = engine;
    return {
      ...this.#shared(engine, record),
      ...(needs.includes('caller') ? { caller: nobody } : {}),
      ...(needs.includes('slow') ? { slow: this.#parts.powers.slowFor(record) } : {}),
    };
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
