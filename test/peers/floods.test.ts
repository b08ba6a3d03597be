/**
 * Floods from strangers on every row that asks for no token: bodies, shares and tokens that are none, by the thousand. The
 * memory stays bounded, nothing is stored, no slot stays taken, and health answers meanwhile (S13, S14).
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Place, places } from '../core/places.ts';
import { seededDice } from '../fuzz/http-dice.ts';
import { type Api, apiOf, auditBlock, initialise, startConfigured } from './calls.ts';
import { Flood, type FloodRequest, type Making, residentMegabytes, watchHealth } from './flood.ts';
import { newFolder, type ServerProcess } from './server.ts';

const requestsEach = 800;
const openLimitBytes = 65_536;
/** What a flood may make the process grow by: buffers of its connections and garbage not yet collected. */
const growthLimitMB = 200;
const storeGrowthBytes = 1_048_576;

let server: ServerProcess;
let api: Api;
let flood: Flood;
let keys: readonly string[] = [];
let residentBefore = 0;
let storedBefore = 0;

const storedBytes = (): number =>
  readdirSync(server.folder)
    .filter(name => name.startsWith('store.db'))
    .reduce((sum, name) => sum + statSync(path.join(server.folder, name)).size, 0);

before(async () => {
  const folder = newFolder();
  server = await startConfigured({
    folder,
    more: auditBlock(folder),
    listener: 'disable_unauthed_rekey_endpoints = false\n  disable_unauthed_generate_root_endpoints = false',
  });
  api = apiOf(server.address);
  ({ keys } = await initialise(api, 3, 2));
  await trustCluster();
  flood = new Flood(server.address);
});

/** Logins come as far as the signature of their tokens; there is no cluster. */
const trustCluster = async (): Promise<void> => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const write = (target: string, body: object) => api.call('POST', target, { body, status: 204 });
  await write('sys/auth/kubernetes', { type: 'kubernetes' });
  await write('auth/kubernetes/config', {
    kubernetes_host: 'https://127.0.0.1:1',
    jwt_validation: 'signature',
    pem_keys: [publicKey.export({ type: 'spki', format: 'pem' })],
  });
  await write('auth/kubernetes/role/app', { bound_service_account_names: '*', bound_service_account_namespaces: '*' });
};

after(async () => {
  flood.close();
  await server.stop();
});

const golden = readFileSync(new URL('../golden/open-rows.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const listedName = ({ row, mount }: Place): string => `${row.verb} ${mount}${row.path}`;
const openPlaces = places.filter(({ row }) => row.access === 'open');

const dice = seededDice(0xf100d);
const share = (): string => randomBytes(33).toString(dice.chance(2) ? 'hex' : 'base64');
const noToken = (): string =>
  dice.pick([
    'x',
    `cofs.${randomBytes(18).toString('base64url')}`,
    `cofb.${randomBytes(300).toString('base64url')}`,
    `eyJhbGciOiJFUzUxMiJ9.${randomBytes(200).toString('base64url')}.${randomBytes(99).toString('base64url')}`,
    // A JWT that can be read, signed by nobody.
    `eyJhbGciOiJFUzUxMiJ9.eyJzdWIiOiJ4In0.${randomBytes(132).toString('base64url')}`,
    'x'.repeat(8000),
  ]);

const wholeBodies: readonly (string | Uint8Array | undefined)[] = [
  undefined,
  '{}',
  `{"k":${'['.repeat(30_000)}`,
  `{"k":${'['.repeat(63)}${']'.repeat(63)}}`,
  `{${Array.from({ length: 4000 }, (_, index) => `"m${index}":${index}`).join(',')}}`,
  '{"key":"a","key":"b"}',
  '{"__proto__":{"key":"a"}}',
  `{"key":${'9'.repeat(60_000)}}`,
  new Uint8Array(randomBytes(60_000)),
  `"${'x'.repeat(openLimitBytes)}"`,
  new Uint8Array(openLimitBytes * 4),
];

/** What the row's own fields are given: what their kinds can think of, shares and tokens that are none, and much of both. */
const fieldBodies = ({ row }: Place): readonly string[] =>
  Object.entries(row.in).flatMap(([name, { kind }]) =>
    [
      ...Array.from({ length: 3 }, () => kind.arbitrary(choices => dice.pick(choices))),
      share(),
      noToken(),
      'y'.repeat(60_000),
      Array.from({ length: 2000 }, share),
    ].map(value =>
      JSON.stringify({ key: share(), nonce: 'x', token: noToken(), role: 'app', jwt: noToken(), [name]: value }),
    ),
  );

/** Where strangers learn the nonce of what an open row is part of. */
const startOf = (target: string): string | undefined => {
  const folder = target.slice(0, target.lastIndexOf('/') + 1);
  return openPlaces.find(
    ({ row, path: one }) => row.verb === 'read' && [`${folder}init`, `${folder}attempt`].includes(one),
  )?.path;
};

const nonceOf = async (target: string): Promise<string> => {
  const start = startOf(target);
  if (start === undefined || start === target) return 'x';
  const { text } = await flood.ask({ method: 'GET', path: start });
  return (JSON.parse(text) as { nonce?: string }).nonce ?? 'x';
};

/** A share that is none, never the same, with the nonce it has to have. */
const falseShare = (target: string) => async (): Promise<FloodRequest> => ({
  method: 'POST',
  path: target,
  body: JSON.stringify({ key: share(), nonce: await nonceOf(target) }),
});

const requestsOf = (place: Place): readonly Making[] => {
  const { row, path: target } = place;
  const headers = (): FloodRequest['headers'] => ({
    'X-Vault-Token': noToken(),
    ...(dice.chance(4) ? { 'X-Vault-Wrap-TTL': '60' } : {}),
    ...(dice.chance(6) ? { 'X-Vault-Namespace': 'x'.repeat(100) } : {}),
  });
  const shares = Object.hasOwn(row.in, 'key') ? Array.from({ length: 20 }, () => falseShare(target)) : [];
  if (row.body === 'json')
    return [
      ...shares,
      ...[...wholeBodies, ...fieldBodies(place)].map(body => ({
        method: 'POST',
        path: target,
        body,
        headers: headers(),
      })),
    ];
  const method = row.verb === 'delete' ? 'DELETE' : 'GET';
  const queries = ['', '?help=1', `?x=${'y'.repeat(6000)}`, `?${'a=b&'.repeat(1500)}a=b`, '?standbycode=1', '?list=1'];
  return queries.map(query => ({ method, path: target + query, headers: headers() }));
};

test('the golden list and the rows agree on what strangers may ask', () => {
  assert.deepEqual([...new Set(openPlaces.map(listedName))].toSorted(), golden.toSorted());
});

for (const place of openPlaces) {
  test(`S13, S14: a flood of ${place.row.verb} ${place.path} is answered, and so is who asks for the health`, async () => {
    const start = startOf(place.path);
    // Something is under way that can be disturbed.
    const begin = JSON.stringify({ secret_shares: 3, secret_threshold: 2 });
    if (start !== undefined) await flood.ask({ method: 'POST', path: start, body: begin });
    const watch = watchHealth(server.address, 200);
    const counted = await flood.run(requestsOf(place), requestsEach);
    assert.ok((await watch.stop()) > 0);
    const failed = [...counted.keys()].filter(status => status >= 500);
    assert.deepEqual(failed, [], JSON.stringify([...counted]));
    assert.ok(place.row.body === 'none' || !counted.has(405), 'the row is not there');
    if (residentBefore > 0) return;
    // The first flood has made the connections and warmed the code.
    residentBefore = residentMegabytes(server.pid);
    storedBefore = storedBytes();
  });
}

/** Everything strangers may send there, false shares above all. */
const noise = (paths: readonly string[]): readonly Making[] =>
  paths.flatMap((target): readonly Making[] => [
    ...Array.from({ length: 8 }, () => falseShare(target)),
    ...[{}, { key: share(), nonce: 'x' }, { reset: true }, { key: 'x'.repeat(60_000) }].map(body => ({
      method: 'POST',
      path: target,
      body: JSON.stringify(body),
    })),
  ]);

interface Slot {
  readonly name: string;
  readonly start: string;
  readonly update: string;
  readonly begin: object;
}

const slots: readonly Slot[] = [
  { name: 'root generation', start: 'sys/generate-root/attempt', update: 'sys/generate-root/update', begin: {} },
  {
    name: 'rekey',
    start: 'sys/rekey/init',
    update: 'sys/rekey/update',
    begin: { secret_shares: 3, secret_threshold: 2 },
  },
];

/** Whoever holds shares asks for the nonce, starts where nothing is started, and offers them. */
const finish = async ({ start, update, begin }: Slot): Promise<Record<string, unknown> | undefined> => {
  const status = await flood.ask({ method: 'GET', path: start });
  const running = JSON.parse(status.text) as { started: boolean; nonce: string };
  const first = running.started
    ? status
    : await flood.ask({ method: 'POST', path: start, body: JSON.stringify(begin) });
  const { nonce } = JSON.parse(first.text) as { nonce?: string };
  for (const key of keys) {
    const { text } = await flood.ask({ method: 'POST', path: update, body: JSON.stringify({ key, nonce }) });
    const told = JSON.parse(text) as Record<string, unknown>;
    if (told['complete'] === true) return told;
  }
  return undefined;
};

/** How often those who hold shares try again while others disturb them: once is enough where genuine shares are kept. */
const attempts = 3;

for (const slot of slots) {
  test(`S14: ${slot.name} finishes while strangers start it, offer false shares and reset, and after they cancelled it`, async () => {
    const cancelling = await flood.run([{ method: 'DELETE', path: slot.start }, ...noise([slot.start])], requestsEach);
    assert.deepEqual(
      [...cancelling.keys()].filter(status => status >= 500),
      [],
    );
    // Left by a stranger with numbers of its own: cancelled, as everybody may.
    await flood.ask({ method: 'DELETE', path: slot.start });
    const watch = watchHealth(server.address, 200);
    const told = await flood.during(noise([slot.update, 'sys/unseal']), async () => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const finished = await finish(slot);
        if (finished !== undefined) return finished;
      }
      return undefined;
    });
    await watch.stop();
    assert.ok(told !== undefined, 'it never finished');
    if (Array.isArray(told['keys'])) keys = told['keys'] as readonly string[];
  });
}

test('S14: a sealed store opens for who holds its shares while strangers offer false ones, forget them and look on', async () => {
  await api.call('PUT', 'sys/seal', { status: 204 });
  const watch = watchHealth(server.address, 503);
  await flood.run(noise(['sys/unseal']), requestsEach);
  await watch.stop();
  const sealed = await flood.during(noise(['sys/unseal']), async () => {
    for (let attempt = 0; attempt < attempts * keys.length; attempt++) {
      const body = JSON.stringify({ key: keys[attempt % keys.length] });
      const { status, text } = await flood.ask({ method: 'POST', path: 'sys/unseal', body });
      if (status === 200 && !(JSON.parse(text) as { sealed: boolean }).sealed) return false;
    }
    return true;
  });
  assert.equal(sealed, false);
  const health = await api.call('GET', 'sys/health');
  assert.equal(health.sealed, false);
});

test('S13, S14: after all floods the process has not grown, nothing is stored, and no request is left', async context => {
  const grown = residentMegabytes(server.pid) - residentBefore;
  context.diagnostic(`${openPlaces.length} rows, ${requestsEach} requests each: ${grown.toFixed(0)} MB more`);
  assert.ok(grown < growthLimitMB, `${grown} MB more`);
  assert.ok(storedBytes() - storedBefore < storeGrowthBytes);
  assert.equal(Object.keys(await api.call('GET', 'sys/in-flight-req')).length, 1);
});
