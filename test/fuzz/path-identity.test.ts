/**
 * S5: what the router, the policies, the audit record and the storage see of a target is one and the same path, or the
 * target is refused and none of them sees it. The whole core, watched at each of the four.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Storage } from '@coffer/server/contracts/storage.ts';
import { openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import type { Bed, Told } from '../core/bed.ts';
import { openFull, tokenWith } from '../core/places.ts';
import { seededDice } from './http-dice.ts';
import { targetPieces } from './target-pieces.ts';

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 4000);
const seed = Number(process.env['FUZZ_SEED'] ?? 0x5eed);

interface Seen {
  readonly routed: Set<string>;
  readonly decided: Set<string>;
  /** Keys inside the mount that were written or removed. */
  readonly stored: Set<string>;
}

const nothingSeen = (): Seen => ({ routed: new Set(), decided: new Set(), stored: new Set() });

interface Watched {
  readonly bed: Bed;
  readonly token: string;
  seen: Seen;
}

const watchedStorage = (state: { seen: Seen }): Storage => {
  const under = openMemoryStore();
  return {
    get: key => under.get(key),
    range: (prefix, options) => under.range(prefix, options),
    changes: (since, signal) => under.changes(since, signal),
    commit: commit => {
      for (const { key } of commit.writes) state.seen.stored.add(key);
      return under.commit(commit);
    },
  };
};

const watched = async (): Promise<Watched> => {
  const state = { seen: nothingSeen() };
  const bed = await openFull({ storage: watchedStorage(state) });
  const token = await tokenWith(bed, 'path "*" { capabilities = ["create", "read", "update", "delete", "list"] }');
  const { mounts, policies } = bed.core;
  const resolve = mounts.resolve.bind(mounts);
  mounts.resolve = path => {
    state.seen.routed.add(path);
    return resolve(path);
  };
  const aclFor = policies.aclFor.bind(policies);
  policies.aclFor = async given => {
    const acl = await aclFor(given);
    const decide = acl.decide.bind(acl);
    acl.decide = question => {
      state.seen.decided.add(question.path);
      return decide(question);
    };
    return acl;
  };
  return Object.assign(state, { bed, token });
};

/** mount → the key that stands for a path below it */
const keyOf: ReadonlyMap<string, (inside: string) => string> = new Map([
  ['one/', inside => `d/${inside}`],
  ['secret/data/', inside => `m/${inside}`],
  ['cubbyhole/', inside => inside],
]);

interface Asked {
  readonly method: string;
  readonly mount: string;
  readonly target: string;
}

/** Where the four differ, or saw something of a target that was refused. */
const differences = (state: Watched, { method, mount }: Asked, told: Told): readonly string[] => {
  const { routed, decided, stored } = state.seen;
  const lines = state.bed.audited.map(line => JSON.parse(line) as { request: { path: string } });
  const audited = new Set(lines.map(({ request }) => request.path));
  if (audited.size === 0)
    return told.status < 300 || decided.size + stored.size > 0 ? ['went through without a record'] : [];
  const [path = ''] = audited;
  const found: string[] = [];
  if (audited.size > 1) found.push('two paths on record');
  if (![...decided].every(one => one === path)) found.push(`decided ${[...decided].join()}`);
  // A mount is also looked for at the path with a slash behind it.
  if (![...routed].every(one => one === path || one === `${path}/`) || !routed.has(path))
    found.push(`routed ${[...routed].join()}`);
  if (told.status < 300 && decided.size === 0) found.push('nobody was asked');
  const isWrite = method === 'POST' || method === 'DELETE';
  if (told.status >= 300 || !isWrite) return stored.size === 0 ? found : [...found, `wrote ${[...stored].join()}`];
  if (!path.startsWith(mount)) return found;
  const key = keyOf.get(mount)?.(path.slice(mount.length)) ?? '';
  // Below the mount's own prefix, `1/root/<mount id>/`, and for a cubbyhole the token's.
  const inside = [...stored].map(one => one.replace(/^1\/root\/[^/]+\/(?:t\/[^/]+\/)?/, ''));
  const versions = inside.filter(one => one !== key && !one.startsWith(`v/${path.slice(mount.length)}/`));
  if (stored.size === 0 ? method === 'POST' : !inside.includes(key) || versions.length > 0)
    found.push(`stored ${inside.join()}`);
  return found;
};

test(`S5: router, policies, audit and storage see one path, or none of them any (seed ${seed})`, async () => {
  const state = await watched();
  const dice = seededDice(seed);
  const found: string[] = [];
  const told = { taken: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const mount = dice.pick([...keyOf.keys()]);
    const method = dice.pick(['POST', 'POST', 'GET', 'LIST', 'DELETE']);
    const target =
      (dice.chance(8) ? '' : mount) + Array.from({ length: 1 + dice.below(6) }, () => dice.pick(targetPieces)).join('');
    state.seen = nothingSeen();
    state.bed.audited.length = 0;
    const body = method === 'POST' ? { data: { k: 'v' } } : undefined;
    const answer = await state.bed.ask(method, target, { token: state.token, body });
    if (answer.status < 300) told.taken++;
    else told.refused++;
    const wrong = differences(state, { method, mount, target }, answer);
    found.push(...wrong.map(what => `round ${round}: ${method} ${JSON.stringify(target)}: ${answer.status}, ${what}`));
  }
  assert.deepEqual(found, [], `seed ${seed}`);
  assert.ok(told.taken > rounds / 20 && told.refused > rounds / 20, JSON.stringify(told));
});
