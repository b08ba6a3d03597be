import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@coffer/client/client.ts';
import { enveloped, type FakeAnswer, FakeServer } from '@coffer/client/fake.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { Found } from './found.ts';
import { Import } from './import.ts';
import type { KubeSecret } from './kube-secret.ts';
import { SecretStore } from './store.ts';

const canary = 'canary-store';
const mount = { path: 'secret/', type: 'kv', kvVersion: 2 } as const;
const refused: FakeAnswer = { status: 400, body: { errors: ['a sentence'] } };
const nothing: FakeAnswer = { status: 404, body: { errors: [] } };
const at = (version: number): FakeAnswer =>
  enveloped({ data: { a: 'old' }, metadata: { version, custom_metadata: null } });

const secret: KubeSecret = {
  namespace: 'ns',
  name: 'app',
  type: 'Opaque',
  immutable: false,
  labels: new Map(),
  annotations: new Map(),
  data: new Map([['a', new TextEncoder().encode(canary)]]),
};

const run = async (server: FakeServer, dryRun = false) => {
  const found = new Found();
  found.secrets.push({ secret, source: 'app.yaml:1' });
  const client = createClient({ address: 'http://coffer.test', token: 't', retries: 0, runtime: server.runtime() });
  const store = new SecretStore(client, mount);
  const plan = { store, template: '{namespace}/{name}', dryRun, progress: () => undefined };
  const done = await new Import(plan, found).run();
  return { found, done, writes: server.requests.filter(one => one.method === 'PUT') };
};

const bodyOf = (one: { readonly body: unknown } | undefined, name: string): unknown =>
  one?.body instanceof Map ? one.body.get(name) : undefined;

test('writes name the versions they replace', async () => {
  const server = new FakeServer()
    .on('GET secret/data/ns/app', at(3))
    .on('GET secret/metadata/ns/app', enveloped({ current_metadata_version: 5, custom_metadata: { owner: 'ada' } }))
    .on('PUT secret/data/ns/app', enveloped({ version: 4 }))
    .on('PUT secret/metadata/ns/app', {});
  const { writes, found } = await run(server);
  assert.deepEqual(found.refused, []);
  assert.deepEqual(bodyOf(writes[0], 'options'), new Map([['cas', new JsonNumber('3')]]));
  assert.deepEqual(bodyOf(writes[1], 'metadata_cas'), new JsonNumber('5'));
  const custom = bodyOf(writes[1], 'custom_metadata');
  assert.ok(custom instanceof Map && custom.get('owner') === 'ada' && custom.get('coffer.type') === 'Opaque');
});

test('a change made by somebody else in between is told, never overwritten', async () => {
  const server = new FakeServer().on('GET secret/data/ns/app', at(3), at(4)).on('PUT secret/data/ns/app', refused);
  const { found, writes } = await run(server);
  assert.match(found.refused[0]?.reason ?? '', /^secret\/ns\/app: changed by somebody else/);
  assert.equal(writes.length, 1);
});

test('a refusal that is no race is told in the words of the server', async () => {
  const server = new FakeServer().on('GET secret/data/ns/app', at(3)).on('PUT secret/data/ns/app', refused);
  const { found } = await run(server);
  assert.match(found.refused[0]?.reason ?? '', /a sentence/);
  assert.ok(!(found.refused[0]?.reason ?? '').includes(canary), 'S11');
});

test('a deleted secret is made again on top of its versions', async () => {
  const deleted = { ...enveloped({ data: null, metadata: { version: 7 } }), status: 404 };
  const server = new FakeServer()
    .on('GET secret/data/ns/app', deleted)
    .on('GET secret/metadata/ns/app', enveloped({ custom_metadata: null }))
    .on('PUT secret/data/ns/app', enveloped({ version: 8 }))
    .on('PUT secret/metadata/ns/app', {});
  const { done, writes } = await run(server);
  assert.equal(done[0]?.change.action, 'create');
  assert.deepEqual(bodyOf(writes[0], 'options'), new Map([['cas', new JsonNumber('7')]]));
  assert.equal(bodyOf(writes[1], 'metadata_cas'), undefined);
});

test('a dry run writes nothing', async () => {
  const { done, writes } = await run(new FakeServer().on('GET secret/data/ns/app', nothing), true);
  assert.deepEqual([done[0]?.change.action, done[0]?.change.added, writes.length], ['create', ['a'], 0]);
});

test('F6: an answer that cannot be read is no reason to write', async () => {
  for (const answer of [
    { raw: '{"data":{' },
    { status: 500, body: { errors: ['x'] } },
    { status: 403, body: { errors: [] } },
  ]) {
    const { found, writes } = await run(new FakeServer().on('GET secret/data/ns/app', answer));
    assert.deepEqual([found.refused.length, writes.length], [1, 0]);
  }
});

test('a store that is away ends the run', async () => {
  await assert.rejects(run(new FakeServer().on('GET secret/data/ns/app', { fails: 'before' })), {
    code: 'unreachable',
  });
});
