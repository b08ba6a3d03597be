/** `sys/config/cors`, and what it makes of answers and preflights. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed, type Told } from '../bed.ts';
import { dying } from '../dying.ts';
import { tokenWith } from '../places.ts';

const page = 'https://ui.example:8443';
const place = 'sys/config/cors';

const from = (bed: Bed, origin: string, method = 'GET'): Promise<Told> =>
  bed.ask(method, 'sys/seal-status', { headers: { origin } });
const preflight = (bed: Bed, origin: string, wanted: string): Promise<Told> =>
  bed.ask('OPTIONS', 'sys/seal-status', { headers: { origin, 'access-control-request-method': wanted } });
const added = ({ headers }: Told): readonly string[] =>
  [...headers.keys()].filter(name => /^(?:access-control-|vary$)/i.test(name)).toSorted();
const letIn = async (bed: Bed, more: object = {}): Promise<void> => {
  const told = await bed.root('POST', place, { allowed_origins: page, ...more });
  assert.equal(told.status, 204, told.text);
};

test('nothing is let in, and OPTIONS is refused, until it is set', async () => {
  const bed = await openBed();
  const { json } = await bed.root('GET', place);
  assert.deepEqual([json.data, json.enabled], [{ enabled: false }, false]);
  const told = await from(bed, page);
  assert.deepEqual([told.status, added(told)], [200, []]);
  const asked = await preflight(bed, page, 'GET');
  assert.deepEqual([asked.status, added(asked)], [400, []]);
});

test('what is set is shown, and set back', async () => {
  const bed = await openBed();
  await letIn(bed, { allowed_headers: ['X-Mine', 'x-vault-token'] });
  const { json } = await bed.root('GET', place);
  const { enabled, allowed_origins: origins, allowed_headers: headers, allow_credentials: credentials } = json.data;
  assert.deepEqual([enabled, origins, credentials], [true, [page], false]);
  assert.deepEqual([json.enabled, json.allowed_origins], [true, [page]]);
  assert.deepEqual([headers.length, headers.at(-1)], [11, 'X-Mine']);
  assert.equal((await bed.root('DELETE', place)).status, 204);
  assert.deepEqual((await bed.root('GET', place)).json.data, { enabled: false });
  await letIn(bed);
  assert.equal((await bed.root('POST', place, { enabled: false })).status, 204);
  assert.deepEqual((await bed.root('GET', place)).json.data, { enabled: false });
});

test('an origin that is let in is named in every answer, also in refusals', async () => {
  const bed = await openBed();
  await letIn(bed);
  const told = await from(bed, page);
  assert.equal(told.status, 200);
  assert.deepEqual([told.headers.get('Access-Control-Allow-Origin'), told.headers.get('Vary')], [page, 'Origin']);
  const refused = await bed.ask('GET', 'secret/data/x', { headers: { origin: page } });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get('Access-Control-Allow-Origin'), page);
  const noPage = await bed.ask('GET', 'sys/seal-status');
  assert.deepEqual([noPage.status, added(noPage)], [200, []]);
});

test('another origin is refused before anything happens', async () => {
  const bed = await openBed();
  await letIn(bed);
  for (const origin of [
    'https://ui.example',
    'http://ui.example:8443',
    `${page}0`,
    'null',
    'HTTPS://UI.EXAMPLE:8443',
  ]) {
    const headers = { origin };
    const told = await bed.ask('POST', 'secret/data/x', { token: bed.rootToken, headers, body: { data: {} } });
    assert.deepEqual([told.status, told.json], [403, { errors: ['origin not allowed'] }]);
    assert.equal(told.headers.get('Access-Control-Allow-Origin'), undefined);
    assert.equal((await preflight(bed, origin, 'GET')).status, 403);
  }
  assert.equal((await bed.root('GET', 'secret/data/x')).status, 404);
});

test('a preflight is answered with methods, headers and for how long, and runs nothing', async () => {
  const bed = await openBed();
  await letIn(bed, { allowed_headers: 'X-Mine', allow_credentials: true });
  const records = bed.audited.length;
  const { status, text, headers } = await preflight(bed, page, 'PATCH');
  assert.deepEqual([status, text], [200, '']);
  assert.equal(headers.get('Access-Control-Allow-Methods'), 'DELETE,GET,OPTIONS,POST,PUT,LIST,SCAN,PATCH');
  assert.match(headers.get('Access-Control-Allow-Headers') ?? '', /X-Vault-Token,X-Mine$/);
  assert.equal(headers.get('Access-Control-Max-Age'), '300');
  assert.equal(headers.get('Access-Control-Allow-Credentials'), 'true');
  assert.equal((await preflight(bed, page, 'TRACE')).status, 405);
  assert.equal((await from(bed, page, 'OPTIONS')).status, 405);
  assert.equal((await bed.ask('OPTIONS', 'sys/seal-status')).status, 400);
  assert.ok(bed.audited.slice(records).every(line => !line.includes('Access-Control')));
});

test('every origin is let in without being repeated', async () => {
  const bed = await openBed();
  await letIn(bed, { allowed_origins: '*' });
  const told = await from(bed, 'https://any\u00e9"where');
  assert.deepEqual([told.status, told.headers.get('Access-Control-Allow-Origin')], [200, '*']);
});

test('what could not be kept to is refused, and changes nothing', async () => {
  const bed = await openBed();
  await letIn(bed);
  const many = Array.from({ length: 101 }, (_, index) => `https://a${index}.example`);
  const asked: readonly (readonly [body: object, message: RegExp])[] = [
    [{}, /at least one origin/],
    [{ allowed_origins: [] }, /at least one origin/],
    [{ allowed_origins: ['*', page] }, /must be the only value/],
    [{ allowed_origins: '*', allow_credentials: true }, /allow_credentials/],
    [{ allowed_origins: many }, /at most 100/],
    [{ allowed_origins: page, allowed_headers: many.map((_, index) => `x-${index}`) }, /at most 100/],
    [{ allowed_origins: page, allowed_headers: ['a b'] }, /names of headers/],
    [{ allowed_origins: page, allowed_headers: ['a\r\nb: c'] }, /names of headers/],
    [{ allowed_origins: page, allow_credentials: 'maybe' }, /"allow_credentials"/],
    ...[
      'ui.example',
      `${page}/`,
      `${page}/path`,
      'https://',
      'https://a b',
      'https://a\r\nx: y',
      'null',
      `${page}00000`,
    ].map(origin => [{ allowed_origins: [origin] }, /scheme:\/\/host/] as const),
  ];
  for (const [body, message] of asked) {
    const { status, json } = await bed.root('POST', place, body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(json.errors[0], message);
  }
  assert.deepEqual((await bed.root('GET', place)).json.data.allowed_origins, [page]);
});

test('it needs sudo', async () => {
  const bed = await openBed();
  const text = `path "${place}" { capabilities = ["create", "read", "update", "delete"] }`;
  const token = await tokenWith(bed, text);
  for (const method of ['GET', 'POST', 'DELETE']) assert.equal((await bed.ask(method, place, { token })).status, 403);
});

test('settings outlive a restart, and are in force only while the store is open', async () => {
  const storage = openMemoryStore();
  const bed = await openBed({ storage });
  await letIn(bed);
  const again = await openBed({ storage, closed: true });
  assert.deepEqual(added(await from(again, page)), []);
  await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  assert.equal((await from(again, page)).headers.get('Access-Control-Allow-Origin'), page);
  await again.core.seal.seal();
  assert.deepEqual(added(await from(again, page)), []);
});

test('a crash while it is changed leaves the old or the new settings, whole, and none half in force', async () => {
  for (const [dies, wanted] of [
    ['before', page],
    ['after', 'https://new.example'],
  ] as const) {
    const store = openMemoryStore();
    const { storage, state } = dying(store);
    const bed = await openBed({ storage, audit: false });
    await letIn(bed);
    state.dies = dies;
    assert.equal((await bed.root('POST', place, { allowed_origins: 'https://new.example' })).status, 500);
    assert.deepEqual(bed.core.cors.current?.origins, [page]);
    const again = await openBed({ storage: store, closed: true });
    await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
    assert.deepEqual(again.core.cors.current?.origins, [wanted]);
  }
});
