/** An engine for tests alone: it makes users in a world outside the store, each under a lease. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '../../../packages/server/src/contracts/engine.ts';
import type { Storage } from '../../../packages/server/src/contracts/storage.ts';
import { type Bed, type BedOptions, openBed, type Told } from '../bed.ts';

const needs = ['storage', 'random', 'leases'] as const;
const rows = rowsFor<Cx<(typeof needs)[number]>>();

/** Outlives every server. */
export class World {
  /** User → when the world itself would end it. */
  readonly users = new Map<string, number>();
  readonly revoked: string[] = [];
  failing = false;
  /** Making and revoking wait until this resolves. */
  slowness: Promise<void> | undefined;
  atWork = 0;
  mostAtWork = 0;
}

const wish = {
  name: t.name('Role'),
  ttl: t.duration('As the role says'),
  max_ttl: t.duration('As the role says'),
  renewable: t.boolean('As the role says', { default: true }),
  fail: t.boolean('The world refuses after it made the user', { default: false }),
};

const userOf = (data: ReadonlyMap<string, string>): string => data.get('user') ?? '';

const atWork = async (world: World, work: () => void): Promise<void> => {
  world.mostAtWork = Math.max(world.mostAtWork, ++world.atWork);
  try {
    await world.slowness;
    if (world.failing) throw new CofferError('unreachable', 'the world does not answer');
    work();
  } finally {
    world.atWork--;
  }
};

export const userEngine = (world: World): Engine => ({
  kind: 'secret',
  type: 'test-users',
  summary: 'Users of a world outside, for tests',
  needs,
  rows: [
    rows.read(
      'creds/:name',
      { summary: 'Make a user', in: wish, out: { username: t.string('Who') }, pure: false },
      (cx, args) => {
        const user = `u-${args.name}-${cx.random.uuid()}`;
        return cx.leases.issue(
          {
            ttlSeconds: args.ttl,
            maxTtlSeconds: args.max_ttl,
            renewable: args.renewable,
            data: new Map([['user', user]]),
          },
          async ({ expiresAtSeconds }) => {
            await atWork(world, () => world.users.set(user, expiresAtSeconds));
            if (args.fail) throw new CofferError('invalid_request', 'the world refused');
            return { username: user };
          },
        );
      },
    ),
    rows.read(
      'pure/:name',
      { summary: 'Forgets that it has effects', in: { name: wish.name }, out: { username: t.string('Who') } },
      cx => cx.leases.issue({ data: new Map() }, () => ({ username: 'nobody' })),
    ),
  ],
  leases: {
    revoke: (_: unknown, data) =>
      atWork(world, () => {
        world.users.delete(userOf(data));
        world.revoked.push(userOf(data));
      }),
    renew: (_: unknown, data, { expiresAtSeconds }) =>
      atWork(world, () => void world.users.set(userOf(data), expiresAtSeconds)),
  },
});

/** The same without renewal. */
export const fixedEngine = (world: World): Engine => {
  const engine = userEngine(world);
  return { ...engine, type: 'test-fixed', leases: { revoke: engine.leases?.revoke ?? (() => undefined) } };
};

export interface LeaseBed extends Bed {
  readonly world: World;
  /** A user with its lease, made with this token. */
  issue(token?: string, query?: string): Promise<{ readonly id: string; readonly user: string; readonly told: Told }>;
}

export const bedWithUsers = async (options: BedOptions = {}, world = new World()): Promise<LeaseBed> => {
  const bed = await openBed({ engines: [userEngine(world), fixedEngine(world)], ...options });
  if (options.closed !== true) await bed.root('POST', 'sys/mounts/users', { type: 'test-users' });
  return {
    ...bed,
    world,
    issue: async (token = bed.rootToken, query = '') => {
      const told = await bed.ask('GET', `users/creds/app${query}`, { token });
      return { id: told.json?.lease_id ?? '', user: told.json?.data?.username ?? '', told };
    },
  };
};

/** A token as root makes it. */
export const tokenOf = async (bed: Bed, body: object = {}): Promise<string> =>
  (await bed.root('POST', 'auth/token/create', { policies: ['users'], ...body })).json.auth.client_token;

export const allowUsers = (bed: Bed): Promise<Told> =>
  bed.root('PUT', 'sys/policies/acl/users', {
    policy:
      'path "users/*" { capabilities = ["read"] }\npath "sys/leases/*" { capabilities = ["update", "list"] }\npath "auth/token/create" { capabilities = ["update"] }',
  });

/** Every record about leases that is left, in storage. */
export const leaseKeys = async (bed: Bed): Promise<readonly string[]> =>
  (await bed.core.storage.range('lease/', { values: false })).map(({ key }) => key);

/** Another server over this storage and the same world, at the same time. */
export const reopenedOver = async (before: LeaseBed, storage: Storage): Promise<LeaseBed> => {
  const bed = await bedWithUsers({ storage, closed: true }, before.world);
  bed.clock.nowMs = before.clock.nowMs;
  await bed.core.seal.submitKey(before.unsealKeys[0] ?? '');
  return bed;
};

export const seconds = async (bed: LeaseBed, count: number): Promise<void> => {
  for (let second = 0; second < count; second++) await bed.clock.advance(1000);
};
