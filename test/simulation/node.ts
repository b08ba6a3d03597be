/** A node: the whole core on a machine of the simulation, asked through its pipeline. */
import type { Log } from '@coffer/server/contracts/log.ts';
import { composeCore } from '@coffer/server/compose/core.ts';
import type { Core } from '@coffer/server/core/request/core.ts';
import { pipeline } from '@coffer/server/core/request/pipeline.ts';
import { shamirSeal } from '@coffer/server/core/seal/static.ts';
import { resolveEngine } from '@coffer/server/engines/registry.ts';
import { openLog } from '@coffer/server/platform/log/standard.ts';
import type { MemoryStorage } from '@coffer/server/platform/memory/store.ts';
import { asking, testHost } from '../core/bed.ts';
import { Chance, seededRandom } from './chance.ts';
import { Device } from './device.ts';
import { type Lending, lendingEngine, lentType } from './lending.ts';
import { Machine } from './machine.ts';
import { Way } from './way.ts';
import type { World } from './world.ts';

const cacheBytes = 1_048_576;
const leaseSeconds = 2_764_800;

/** What a node logs is part of what happened. */
const logOf = (world: World, name: string): Log => {
  const log: Log = {
    write: (level, message, fields) => {
      if (level !== 'info' && level !== 'debug' && level !== 'trace')
        world.tell(`${name} ${level}: ${message} ${JSON.stringify(fields ?? {})}`);
    },
    with: () => log,
  };
  return log;
};

const same = <T>(one: T): T => one;

const none = (): never => {
  throw new Error('a simulated node makes no copies');
};

export interface Node {
  readonly name: string;
  readonly machine: Machine;
  readonly way: Way;
  readonly device: Device;
  readonly core: Core;
  readonly ask: ReturnType<typeof asking>;
}

export interface NodeParts {
  readonly world: World;
  readonly storage: MemoryStorage;
  readonly name: string;
  readonly lending: Lending;
  /** What the way does wrong, for tests of the simulation itself. */
  readonly bend?: (way: Way) => Way;
  /** The same of audit devices. */
  readonly bendDevice?: (device: Device) => Device;
}

/** Its process has started; the store is sealed. */
export const startNode = (parts: NodeParts): Node => {
  const { world, storage, name, lending, bend = same, bendDevice = same } = parts;
  const machine = new Machine(world);
  const device = bendDevice(new Device(machine));
  const way = bend(new Way({ world, machine, storage }));
  const lent = lendingEngine(world, machine, lending);
  const { levels, tap } = openLog({ level: 'error', format: 'standard', write: () => undefined });
  const core = composeCore({
    storage: way,
    shared: way,
    copies: { copy: none, receive: none, replace: none },
    clock: machine,
    random: seededRandom(new Chance(world.seed, world.chance.below(2 ** 31))),
    logs: { levels, tap, part: () => logOf(world, name) },
    host: testHost,
    fatal: reason => {
      throw new Error(`fatal: ${reason}`);
    },
    cacheBytes,
    ttl: { defaultLeaseSeconds: leaseSeconds, maxLeaseSeconds: leaseSeconds },
    bodyLimitBytes: 1_048_576,
    settings: {
      clusterName: 'simulated',
      apiAddress: 'https://simulated:8200',
      storageType: 'simulated',
      unauthenticatedRekey: false,
      unauthenticatedGenerateRoot: false,
      auditByApi: false,
      auditPrefixes: false,
      introspection: false,
    },
    configuration: { parts: [], shown: () => ({}), reload: async () => undefined },
    seal: shamirSeal,
    rootTokenId: undefined,
    audit: [{ type: 'file', path: 'audit/', description: '', options: new Map() }],
    openAudit: async () => device,
    resolveEngine: (type, options) => (type === lentType ? lent : resolveEngine(type, options)),
  });
  return { name, machine, way, device, core, ask: asking(pipeline(core), () => undefined) };
};
