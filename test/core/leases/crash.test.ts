/**
 * F1: the process dies before or after any commit of a change of leases. Whatever was made outside the store is then
 * either under a lease that lives, or taken back by the next server.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Storage } from '../../../packages/server/src/contracts/storage.ts';
import { makingLimitSeconds } from '../../../packages/server/src/core/leases/issue.ts';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { CrashingStorage } from '../../conformance/seal-bed.ts';
import {
  type LeaseBed,
  type World,
  allowUsers,
  bedWithUsers,
  leaseKeys,
  reopenedOver,
  seconds,
  tokenOf,
} from './engine.ts';

interface Ready {
  readonly before: LeaseBed;
  readonly storage: Storage;
  readonly token: string;
  readonly id: string;
}

interface Doomed extends Ready {
  readonly doomed: LeaseBed;
}

interface Change {
  readonly name: string;
  readonly run: (given: Doomed) => Promise<{ readonly status: number }>;
  /** What must hold after the next server has had its time; `done`: the change was acknowledged. */
  readonly check: (after: LeaseBed, given: Ready & { readonly done: boolean }) => Promise<void>;
}

const ready = async (): Promise<Ready> => {
  const storage = openMemoryStore();
  const before = await bedWithUsers({ storage });
  await allowUsers(before);
  const token = await tokenOf(before, { ttl: '100h' });
  const { id } = await before.issue(token, '?ttl=10h');
  return { before, storage, token, id };
};

const acknowledged = async ({ run }: Change, given: Doomed): Promise<boolean> => {
  const { status } = await run(given).catch(() => ({ status: 500 }));
  await seconds(given.doomed, 2);
  return status < 300;
};

/** Each commit in turn, until the change gets through with nothing cut off. */
const crashEach = async (change: Change, when: 'before' | 'after'): Promise<number> => {
  for (let at = 0; at < 200; at++) {
    const given = await ready();
    const crashing = new CrashingStorage(given.storage, at, when);
    const doomed = await reopenedOver(given.before, crashing).catch(() => undefined);
    if (doomed === undefined || doomed.core.seal.sealed) continue;
    const done = await acknowledged(change, { ...given, doomed });
    const after = await reopenedOver(given.before, given.storage);
    await seconds(after, 15);
    await change.check(after, { ...given, done });
    await noneIsLost(after, given.before.world, `commit ${at}`);
    if (!crashing.crashed) return at;
  }
  return assert.fail('the change never got through');
};

/** Every user outside has a lease, and when all leases are over no user and no record is left. */
const noneIsLost = async (bed: LeaseBed, world: World, where: string): Promise<void> => {
  const keys = await leaseKeys(bed);
  const leases = keys.filter(key => key.startsWith('lease/id/'));
  assert.ok(world.users.size <= leases.length, `${where}: ${world.users.size} users, ${leases.length} leases`);
  await seconds(bed, 1);
  await bed.clock.advance(400 * 3_600_000);
  bed.core.clockWatch.vouch();
  await seconds(bed, 3);
  assert.deepEqual([world.users.size, await leaseKeys(bed)], [0, []], where);
};

/** What was never answered goes long before its time. */
const unconfirmedAreGone = async (bed: LeaseBed): Promise<void> => {
  await bed.clock.advance((makingLimitSeconds + 1) * 1000);
  await seconds(bed, 2);
};

const lookup = (bed: LeaseBed, id: string) => bed.root('PUT', 'sys/leases/lookup', { lease_id: id });

const asRoot = ({ before, doomed }: Doomed, path: string, body: object) =>
  doomed.ask('PUT', path, { token: before.rootToken, body });

const rootOf = (bed: LeaseBed, { before }: Ready): LeaseBed => ({
  ...bed,
  root: (method, path, body) => bed.ask(method, path, { token: before.rootToken, body }),
});

const changes: readonly Change[] = [
  {
    name: 'making a lease',
    run: ({ doomed, token }) => doomed.ask('GET', 'users/creds/app?ttl=10h', { token }),
    check: async (after, { done, before, id }) => {
      assert.ok(!done || before.world.users.size === 2, 'an answered lease lives');
      await unconfirmedAreGone(after);
      const keys = (await leaseKeys(after)).filter(key => key.startsWith('lease/id/'));
      assert.equal(before.world.users.size, keys.length);
      assert.ok(keys.includes(`lease/id/${id}`));
    },
  },
  {
    name: 'making one that its engine refuses',
    run: ({ doomed, token }) => doomed.ask('GET', 'users/creds/app?fail=true', { token }),
    check: async (after, { done, before }) => {
      assert.equal(done, false);
      await unconfirmedAreGone(after);
      assert.equal(before.world.users.size, 1);
    },
  },
  {
    name: 'renewing one',
    run: given => asRoot(given, 'sys/leases/renew', { lease_id: given.id, increment: '20h' }),
    check: async (after, given) => {
      const { ttl } = (await lookup(rootOf(after, given), given.id)).json.data;
      assert.ok(given.done ? ttl > 19 * 3600 : ttl > 9 * 3600, String(ttl));
    },
  },
  {
    name: 'revoking one',
    run: given => asRoot(given, 'sys/leases/revoke', { lease_id: given.id }),
    check: async (_, { done, before }) => assert.ok(!done || before.world.users.size === 0),
  },
  {
    name: 'revoking a prefix',
    run: given => asRoot(given, 'sys/leases/revoke-prefix/users', { sync: true }),
    check: async (_, { done, before }) => assert.ok(!done || before.world.users.size === 0),
  },
  {
    name: 'revoking its token',
    run: given => asRoot(given, 'auth/token/revoke', { token: given.token }),
    check: async (after, given) => {
      const { status } = await after.ask('GET', 'auth/token/lookup-self', { token: given.token });
      assert.ok(!given.done || status === 403);
      // Whatever was answered: a token that is gone has left nothing.
      assert.equal(given.before.world.users.size, status === 200 ? 1 : 0);
    },
  },
  {
    name: 'removing its mount',
    run: ({ doomed, before }) => doomed.ask('DELETE', 'sys/mounts/users', { token: before.rootToken }),
    check: async (after, { done, before }) => {
      const served = after.core.mounts.at('secret', 'users/') !== undefined;
      assert.ok(!done || !served);
      assert.equal(before.world.users.size, served ? 1 : 0);
    },
  },
  {
    name: 'its end by time',
    run: async ({ doomed, before }) => {
      await doomed.clock.advance(36_001_000);
      before.clock.nowMs = doomed.clock.nowMs;
      await seconds(doomed, 3);
      return { status: 200 };
    },
    check: async (_, { before }) => assert.equal(before.world.users.size, 0),
  },
];

for (const change of changes) {
  for (const when of ['before', 'after'] as const) {
    test(`F1: a crash ${when} any commit of ${change.name} loses no lease`, async () => {
      assert.ok((await crashEach(change, when)) > 0, 'no commit was cut off');
    });
  }
}

test('F1: a revocation that failed before a crash is tried again after it, and only what is due is read', async () => {
  const given = await ready();
  for (let count = 0; count < 30; count++) await given.before.issue(given.token, '?ttl=50h');
  given.before.world.failing = true;
  await given.before.root('PUT', 'sys/leases/revoke', { lease_id: given.id });
  await seconds(given.before, 1);
  given.before.world.failing = false;
  const read: string[] = [];
  const { storage } = given;
  const watched: Storage = {
    get: key => {
      if (key.includes('/lease/')) read.push(key);
      return storage.get(key);
    },
    range: async (prefix, options) => {
      const found = await storage.range(prefix, options);
      if (prefix.includes('/lease/'))
        read.push(...found.map(({ key }) => key).filter(key => key.includes('/lease/id/')));
      return found;
    },
    commit: commit => storage.commit(commit),
    changes: (since, signal) => storage.changes(since, signal),
  };
  const after = await reopenedOver(given.before, watched);
  assert.equal(read.length, 0);
  await seconds(after, 12);
  assert.equal(given.before.world.users.size, 30);
  assert.ok(read.length > 0);
  assert.deepEqual(
    [...new Set(read)].filter(key => !key.endsWith(given.id)),
    [],
  );
});
