/**
 * F1, F4: the process dies before or after any commit of the revocation of a tree of tokens, each with leases and secrets
 * of its own. What was acknowledged is gone with all that hung on it; what was not is whole, or gone as a whole.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Storage } from '../../../packages/server/src/contracts/storage.ts';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { CrashingStorage } from '../../conformance/seal-bed.ts';
import { allowUsers, bedWithUsers, type LeaseBed, leaseKeys, reopenedOver, seconds } from './engine.ts';

/** parent → child → grandchild, and a second child; a batch child; and one beside them. */
const names = ['parent', 'child', 'grandchild', 'second', 'batch', 'beside'] as const;
type Name = (typeof names)[number];
const below: readonly Name[] = ['child', 'grandchild', 'second', 'batch'];

interface Made {
  readonly text: string;
  readonly accessor: string;
  readonly users: readonly string[];
}

interface Given {
  readonly before: LeaseBed;
  readonly storage: Storage;
  readonly tree: ReadonlyMap<Name, Made>;
}

const leasesEach = 2;

const grow = async (bed: LeaseBed, parent: string, body: object): Promise<Made> => {
  const told = await bed.ask('POST', 'auth/token/create', { token: parent, body: { policies: ['users'], ...body } });
  const { client_token: text, accessor } = told.json.auth;
  const users: string[] = [];
  for (let count = 0; count < leasesEach; count++) users.push((await bed.issue(text, '?ttl=50h')).user);
  await bed.ask('POST', 'cubbyhole/own', { token: text, body: { k: 'v' } });
  return { text, accessor, users };
};

const ready = async (): Promise<Given> => {
  const storage = openMemoryStore();
  const before = await bedWithUsers({ storage });
  await allowUsers(before);
  const tree = new Map<Name, Made>();
  const under = async (name: Name, parent: string, body: object = {}): Promise<string> => {
    const made = await grow(before, parent, { ttl: '100h', ...body });
    tree.set(name, made);
    return made.text;
  };
  const parent = await under('parent', before.rootToken, { ttl: '10h' });
  const child = await under('child', parent);
  await under('grandchild', child);
  await under('second', parent);
  await under('batch', parent, { type: 'batch' });
  await under('beside', before.rootToken);
  return { before, storage, tree };
};

const of = ({ tree }: Given, name: Name): Made => tree.get(name) ?? assert.fail(name);

interface Change {
  readonly name: string;
  readonly run: (doomed: LeaseBed, given: Given) => Promise<{ readonly status: number }>;
  /** Who goes with the parent. */
  readonly takes: readonly Name[];
}

const asRoot = (
  doomed: LeaseBed,
  { before }: Given,
  { path, ...body }: { readonly path: string; readonly token?: string; readonly accessor?: string },
) => doomed.ask('POST', path, { token: before.rootToken, body });

const changes: readonly Change[] = [
  {
    name: 'revoking it',
    run: (doomed, given) => asRoot(doomed, given, { path: 'auth/token/revoke', token: of(given, 'parent').text }),
    takes: below,
  },
  {
    name: 'revoking it by its accessor',
    run: (doomed, given) =>
      asRoot(doomed, given, { path: 'auth/token/revoke-accessor', accessor: of(given, 'parent').accessor }),
    takes: below,
  },
  {
    name: 'revoking itself',
    run: (doomed, given) => doomed.ask('POST', 'auth/token/revoke-self', { token: of(given, 'parent').text }),
    takes: below,
  },
  {
    name: 'revoking it alone',
    run: (doomed, given) =>
      asRoot(doomed, given, { path: 'auth/token/revoke-orphan', token: of(given, 'parent').text }),
    // It has no record that could be set free.
    takes: ['batch'],
  },
  {
    name: 'its end by time',
    run: async (doomed, { before }) => {
      await doomed.clock.advance(36_001_000);
      await seconds(doomed, 70);
      before.clock.nowMs = doomed.clock.nowMs;
      return { status: 204 };
    },
    takes: below,
  },
];

const isAlive = async (bed: LeaseBed, { text }: Made): Promise<boolean> =>
  (await bed.core.tokens.find(text)) !== undefined;

/** Names of the tree that live on. */
const living = async (bed: LeaseBed, given: Given): Promise<readonly Name[]> => {
  const found: Name[] = [];
  for (const name of names) if (await isAlive(bed, of(given, name))) found.push(name);
  return found;
};

const cubbyholes = async (bed: LeaseBed): Promise<number> => {
  const mount = bed.core.mounts.list('secret').find(({ record }) => record.type === 'cubbyhole');
  return (await bed.storage.range(`1/root/${mount?.record.id}/`, { values: false })).length;
};

/** Whoever lives has all that is its own, whoever is gone has nothing; no work is left lying. */
const wholeOrGone = async (bed: LeaseBed, given: Given, alive: readonly Name[]): Promise<void> => {
  const { world } = given.before;
  for (const name of names) {
    // A batch token's leases are its parent's: they end with that.
    const here = alive.includes(name === 'batch' ? 'parent' : name);
    for (const user of of(given, name).users) assert.equal(world.users.has(user), here, `a user of ${name}`);
  }
  const leases = (await leaseKeys(bed)).filter(key => key.startsWith('lease/id/'));
  assert.equal(leases.length, world.users.size);
  assert.equal(await cubbyholes(bed), alive.filter(name => name !== 'batch').length);
  for (const prefix of ['token/revoking/', 'token/freeing/'])
    assert.deepEqual(await bed.core.storage.range(prefix, { values: false }), [], prefix);
  const accessors = (await bed.core.storage.range('token/id/', { values: false })).length;
  assert.equal(accessors, 1 + alive.filter(name => name !== 'batch').length, 'records of tokens');
};

const check = async ({ name, takes }: Change, given: Given, done: boolean): Promise<void> => {
  const after = await reopenedOver(given.before, given.storage);
  const soon = await living(after, given);
  await seconds(after, 75);
  const alive = await living(after, given);
  const gone = names.filter(one => one !== 'parent' && !takes.includes(one));
  assert.ok(alive.includes('beside'));
  assert.deepEqual(
    alive,
    alive.includes('parent') ? [...names] : gone,
    `${name}: a part of the tree lives without the other`,
  );
  if (done) assert.ok(!soon.includes('parent'), 'what was acknowledged is gone at once');
  // Alone, it goes last: first its children are set free.
  for (const one of done || takes === below ? takes : [])
    assert.ok(soon.includes('parent') || !soon.includes(one), `${one} outlived it`);
  await wholeOrGone(after, given, alive);
  await thenForGood(after, given);
};

/** The same asked once more takes what may be left. */
const thenForGood = async (bed: LeaseBed, given: Given): Promise<void> => {
  for (const name of names.filter(one => one !== 'batch')) {
    const { status } = await bed.ask('POST', 'auth/token/revoke', {
      token: given.before.rootToken,
      body: { token: of(given, name).text },
    });
    assert.equal(status, 204);
  }
  await seconds(bed, 2);
  await wholeOrGone(bed, given, []);
};

/** Each commit in turn, until the change gets through with nothing cut off. Answers how many were. */
const crashEach = async (change: Change, when: 'before' | 'after'): Promise<number> => {
  let cut = 0;
  for (let at = 0; at < 300; at++) {
    const given = await ready();
    const crashing = new CrashingStorage(given.storage, at, when);
    const doomed = await reopenedOver(given.before, crashing).catch(() => undefined);
    if (doomed === undefined || doomed.core.seal.sealed) continue;
    const { status } = await change.run(doomed, given).catch(() => ({ status: 500 }));
    if (!crashing.crashed) await seconds(doomed, 2);
    await check(change, given, status === 204);
    if (!crashing.crashed) return cut;
    cut++;
  }
  return assert.fail('the change never got through');
};

for (const change of changes) {
  for (const when of ['before', 'after'] as const) {
    test(`F1: a crash ${when} any commit of ${change.name} leaves a tree of tokens whole, or nothing of it`, async () => {
      const cut = await crashEach(change, when);
      assert.ok(cut >= 6, `only ${cut} commits were cut off`);
    });
  }
}

test('a tree that is revoked without a crash is gone when that is answered, and soon all that hung on it', async () => {
  const given = await ready();
  const { before } = given;
  assert.deepEqual(await living(before, given), names);
  assert.equal(before.world.users.size, names.length * leasesEach);
  const { status } = await before.root('POST', 'auth/token/revoke', { token: of(given, 'parent').text });
  assert.equal(status, 204);
  assert.deepEqual(await living(before, given), ['beside']);
  await seconds(before, 2);
  await wholeOrGone(before, given, ['beside']);
});
