/** `sys/config/ui/headers`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { openBed } from '../bed.ts';
import { dying } from '../dying.ts';
import { tokenWith } from '../places.ts';

const place = 'sys/config/ui/headers';

test('headers are listed, set, shown with one or all values, removed', async () => {
  const bed = await openBed();
  assert.equal((await bed.root('LIST', place)).status, 404);
  const set = await bed.root('POST', `${place}/x-custom`, { values: ['a', 'b'] });
  assert.match(set.json.warnings[0], /not part of this build/);
  await bed.root('POST', `${place}/Content-Security-Policy`, { values: "default-src 'self'" });
  assert.deepEqual((await bed.root('LIST', place)).json.data.keys, ['Content-Security-Policy', 'X-Custom']);
  assert.deepEqual((await bed.root('GET', `${place}/X-CUSTOM`)).json.data, { value: 'a' });
  assert.deepEqual((await bed.root('GET', `${place}/X-Custom?multivalue=true`)).json.data, { values: ['a', 'b'] });
  assert.equal((await bed.root('DELETE', `${place}/X-Custom`)).status, 204);
  assert.equal((await bed.root('GET', `${place}/X-Custom`)).status, 404);
  assert.equal((await bed.root('DELETE', `${place}/X-Custom`)).status, 204);
});

test('headers that must not be set, and values that are none, are refused', async () => {
  const bed = await openBed();
  const asked: readonly (readonly [name: string, body: object, message: RegExp])[] = [
    ['X-Vault-Token', { values: 'a' }, /^X-Vault headers cannot be set$/],
    ['x-vault-a', { values: 'a' }, /^X-Vault headers cannot be set$/],
    ['Content-Length', { values: '5' }, /the server’s own/],
    ['a b', { values: 'a' }, /name of a header/],
    ['x'.repeat(129), { values: 'a' }, /name of a header/],
    ['X-A', {}, /cannot be empty/],
    ['X-A', { values: [''] }, /printable/],
    ['X-A', { values: ['a\r\nX-B: c'] }, /printable/],
    ['X-A', { values: 'a'.repeat(4097) }, /printable/],
    ['X-A', { values: Array.from({ length: 21 }, () => 'a') }, /at most 20/],
    ['X-A', { values: [{}] }, /"values"/],
  ];
  for (const [name, body, message] of asked) {
    const { status, json } = await bed.root('POST', `${place}/${encodeURIComponent(name)}`, body);
    assert.equal(status, 400, name);
    assert.match(json.errors[0], message);
  }
  assert.equal((await bed.root('LIST', place)).status, 404);
});

test('no more than 100 are kept; those that are there can be changed', async () => {
  const bed = await openBed();
  for (let index = 0; index < 100; index++) await bed.root('POST', `${place}/x-${index}`, { values: 'a' });
  assert.match((await bed.root('POST', `${place}/x-new`, { values: 'a' })).text, /at most 100/);
  assert.equal((await bed.root('POST', `${place}/x-5`, { values: 'b' })).status, 200);
});

test('they need sudo, and outlive a restart', async () => {
  const storage = openMemoryStore();
  const bed = await openBed({ storage });
  await bed.root('POST', `${place}/x-a`, { values: 'a' });
  const token = await tokenWith(bed, `path "${place}*" { capabilities = ["read", "list", "update", "delete"] }`);
  for (const method of ['GET', 'POST', 'DELETE'])
    assert.equal((await bed.ask(method, `${place}/x-a`, { token, body: { values: 'b' } })).status, 403);
  assert.equal((await bed.ask('LIST', place, { token })).status, 403);
  const again = await openBed({ storage, closed: true });
  await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
  const told = await again.ask('GET', `${place}/x-a`, { token: bed.rootToken });
  assert.deepEqual(told.json.data, { value: 'a' });
});

test('a crash while one is set leaves the old or the new one', async () => {
  for (const [dies, wanted] of [
    ['before', 'old'],
    ['after', 'new'],
  ] as const) {
    const store = openMemoryStore();
    const { storage, state } = dying(store);
    const bed = await openBed({ storage, audit: false });
    await bed.root('POST', `${place}/x-a`, { values: 'old' });
    state.dies = dies;
    assert.equal((await bed.root('POST', `${place}/x-a`, { values: 'new' })).status, 500);
    const again = await openBed({ storage: store, closed: true });
    await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
    const told = await again.ask('GET', `${place}/x-a`, { token: bed.rootToken });
    assert.deepEqual(told.json.data, { value: wanted });
  }
});
