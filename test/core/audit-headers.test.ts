/** `sys/config/auditing/request-headers`: which request headers are on record, and which never in clear. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../packages/server/src/platform/memory/store.ts';
import type { Bed } from './bed.ts';
import { openBed } from './bed.ts';
import { dying } from './dying.ts';
import { tokenWith } from './places.ts';

const place = 'sys/config/auditing/request-headers';
const hashed = /^hmac-sha256:[0-9a-f]{64}$/;

/** What both records of the newest request say of its headers. */
// oxlint-disable-next-line typescript/no-explicit-any -- records are looked into freely
const shownOf = (bed: Bed): any => {
  const [request, response] = bed.audited.slice(-2).map(line => JSON.parse(line).request.headers);
  assert.deepEqual(request, response);
  return request;
};

const askWith = async (bed: Bed, headers: { readonly [name: string]: string }) => {
  await bed.ask('GET', 'sys/mounts', { token: bed.rootToken, headers });
  return shownOf(bed);
};

test('headers are set, shown all or one, recorded in clear or hashed, left out again', async () => {
  const bed = await openBed();
  assert.deepEqual((await bed.root('GET', place)).json.data, { headers: {} });
  assert.equal(await askWith(bed, { 'x-trace': 'abc' }), undefined);
  assert.equal((await bed.root('POST', `${place}/X-Trace`, {})).status, 204);
  assert.equal((await bed.root('PUT', `${place}/x-user`, { hmac: true })).status, 204);
  const all = await bed.root('GET', place);
  assert.deepEqual(all.json.data, { headers: { 'x-trace': { hmac: false }, 'x-user': { hmac: true } } });
  assert.deepEqual((await bed.root('GET', `${place}/X-Trace`)).json.data, { 'X-Trace': { hmac: false } });
  const shown = await askWith(bed, { 'x-trace': 'abc', 'x-user': 'ann', 'x-other': 'no' });
  const { hash } = (await bed.root('POST', 'sys/audit-hash/test', { input: 'ann' })).json.data;
  assert.deepEqual(shown, { 'x-trace': ['abc'], 'x-user': [hash] });
  assert.equal(await askWith(bed, {}), undefined);
  await bed.root('POST', `${place}/x-trace`, { hmac: true });
  assert.match((await askWith(bed, { 'x-trace': 'abc' }))['x-trace'][0], hashed);
  assert.equal((await bed.root('DELETE', `${place}/X-TRACE`)).status, 204);
  assert.equal((await bed.root('DELETE', `${place}/x-trace`)).status, 204);
  assert.equal(await askWith(bed, { 'x-trace': 'abc' }), undefined);
  const gone = await bed.root('GET', `${place}/x-trace`);
  assert.deepEqual([gone.status, gone.json.errors], [400, ['Could not find header in config']]);
});

test('what a stranger sends is on record as well', async () => {
  const bed = await openBed();
  await bed.root('POST', `${place}/user-agent`);
  await bed.ask('GET', 'secret/data/a', { headers: { 'user-agent': 'scanner/1' } });
  assert.deepEqual(shownOf(bed), { 'user-agent': ['scanner/1'] });
});

test('names that are none, credentials in clear, and one header too many are refused', async () => {
  const bed = await openBed();
  const asked: readonly (readonly [name: string, body: object, message: RegExp])[] = [
    ['a b', {}, /expected the name of a header/],
    ['a\u00e4', { hmac: true }, /expected the name of a header/],
    ['x'.repeat(129), {}, /expected the name of a header/],
    ['x-a', { hmac: 'perhaps' }, /"hmac"/],
    ['x-a', { hmac: {} }, /"hmac"/],
    ...[
      'X-Vault-Token',
      'Authorization',
      'Proxy-Authorization',
      'Cookie',
      'X-Vault-MFA',
      'X-Api-Key',
      'X-My-Secret',
      'Authentication',
      'X-Auth',
      'X-Auth-Key',
      'X-Session-Id',
      'X-JWT-Assertion',
      'X-Hub-Signature-256',
    ].map(name => [name, { hmac: false }, /carries credentials: set hmac to true/] as const),
  ];
  for (const [name, body, message] of asked) {
    const { status, json } = await bed.root('POST', `${place}/${encodeURIComponent(name)}`, body);
    assert.equal(status, 400, name);
    assert.match(json.errors[0], message);
  }
  assert.deepEqual((await bed.root('GET', place)).json.data, { headers: {} });
  for (let index = 0; index < 32; index++) await bed.root('POST', `${place}/x-${index}`);
  assert.match((await bed.root('POST', `${place}/x-new`)).text, /at most 32/);
  assert.equal((await bed.root('POST', `${place}/x-5`, { hmac: true })).status, 204);
  assert.equal(Object.keys((await bed.root('GET', place)).json.data.headers).length, 32);
});

test('they come at once, and still no more than 32', async () => {
  const bed = await openBed();
  await Promise.all(Array.from({ length: 40 }, (_, index) => bed.root('POST', `${place}/x-${index}`)));
  assert.equal(Object.keys((await bed.root('GET', place)).json.data.headers).length, 32);
});

const jwt = `eyJhbGciOiJFUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`;

for (const options of [[], [['log_raw', 'true']]] as const) {
  test(`S11: tokens never stand in the headers of a record${options.length > 0 ? ', also where the device shows all' : ''}`, async () => {
    const bed = await openBed();
    await bed.root('POST', 'sys/audit/second', {
      type: 'file',
      options: { file_path: 'discard', ...Object.fromEntries(options) },
    });
    for (const name of ['x-vault-token', 'authorization', 'cookie'])
      await bed.root('POST', `${place}/${name}`, { hmac: true });
    for (const name of ['x-note', 'x-claims']) await bed.root('POST', `${place}/${name}`);
    const wrapping = await bed.ask('GET', 'sys/mounts', {
      token: bed.rootToken,
      headers: { 'x-vault-wrap-ttl': '60' },
    });
    const wrapped: string = wrapping.json.wrap_info.token;
    const headers = {
      authorization: `Bearer ${wrapped}`,
      cookie: 'session=abc',
      'x-note': `see ${wrapped}`,
      'x-claims': jwt,
    };
    await bed.ask('GET', 'sys/mounts', { token: bed.rootToken, headers });
    const records = bed.audited.filter(line => JSON.parse(line).request.headers?.['x-claims'] !== undefined);
    assert.equal(records.length, 4);
    for (const line of records) {
      const shown = JSON.parse(line).request.headers;
      for (const name of ['x-vault-token', 'authorization', 'cookie', 'x-note', 'x-claims'])
        assert.match(shown[name][0], hashed);
      for (const secret of [bed.rootToken, wrapped, jwt, 'session=abc'])
        assert.equal(JSON.stringify(shown).includes(secret), false);
    }
  });
}

test('S11: a token without the form of one is known by being the token of the request', async () => {
  const bed = await openBed();
  await bed.root('POST', `${place}/x-note`);
  await bed.root('POST', 'auth/token/create', { id: 'chosen', policies: ['default'] });
  await bed.ask('GET', 'auth/token/lookup-self', { token: 'chosen', headers: { 'x-note': 'my chosen one' } });
  assert.match(shownOf(bed)['x-note'][0], hashed);
});

test('S12: a value cannot break out of its record, act on its reader, or fill the file', async () => {
  const bed = await openBed();
  await bed.root('POST', `${place}/x-note`);
  await bed.root('POST', `${place}/__proto__`);
  const evil = 'x\r\n{"type":"request"}\u001b[31m';
  assert.deepEqual((await askWith(bed, { 'x-note': evil }))['x-note'], [evil]);
  const turned = Buffer.from('a\u202eb\u2028').toString('latin1');
  assert.deepEqual((await askWith(bed, { 'x-note': turned }))['x-note'], ['a\u202eb\u2028']);
  const two = bed.audited.slice(-2);
  for (const line of bed.audited) for (const mark of ['\r', '\n', '\u001b']) assert.equal(line.includes(mark), false);
  for (const line of two) assert.equal(/[\u202e\u2028]/.test(line), false);
  assert.equal((await askWith(bed, { 'x-note': 'y'.repeat(5000) }))['x-note'][0].length, 1024);
  assert.deepEqual(Object.keys((await bed.root('GET', place)).json.data.headers), ['__proto__', 'x-note']);
});

test('a hash is that of the bytes that were sent', async () => {
  const bed = await openBed();
  await bed.root('POST', `${place}/x-user`, { hmac: true });
  const shown = await askWith(bed, { 'x-user': Buffer.from('ännchen').toString('latin1') });
  const { hash } = (await bed.root('POST', 'sys/audit-hash/test', { input: 'ännchen' })).json.data;
  assert.deepEqual(shown, { 'x-user': [hash] });
});

test('they need sudo, and outlive a restart and a seal', async () => {
  const storage = openMemoryStore();
  const bed = await openBed({ storage });
  await bed.root('POST', `${place}/x-a`);
  const token = await tokenWith(bed, `path "${place}*" { capabilities = ["create", "read", "update", "delete"] }`);
  assert.equal((await bed.ask('GET', place, { token })).status, 403);
  for (const method of ['GET', 'POST', 'DELETE'])
    assert.equal((await bed.ask(method, `${place}/x-a`, { token })).status, 403);
  await bed.core.seal.seal();
  assert.equal(bed.core.auditHeaders.current, undefined);
  const again = await openBed({ storage, closed: true });
  await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  await again.ask('GET', 'sys/mounts', { token: bed.rootToken, headers: { 'x-a': 'b' } });
  assert.deepEqual(shownOf(again), { 'x-a': ['b'] });
});

test('a crash while one is set leaves the old or the new way', async () => {
  for (const [dies, wanted] of [
    ['before', true],
    ['after', false],
  ] as const) {
    const store = openMemoryStore();
    const { storage, state } = dying(store);
    const bed = await openBed({ storage, audit: false });
    await bed.root('POST', `${place}/x-a`, { hmac: true });
    state.dies = dies;
    assert.equal((await bed.root('POST', `${place}/x-a`, { hmac: false })).status, 500);
    const again = await openBed({ storage: store, closed: true });
    await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
    const told = await again.ask('GET', `${place}/x-a`, { token: bed.rootToken });
    assert.deepEqual(told.json.data, { 'x-a': { hmac: wanted } });
  }
});
