import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { CofferError } from '@coffer/schema/errors.ts';
import { createClient, type Coffer } from './client.ts';
import { enveloped, FakeServer } from './fake.ts';

const clientOf = (server: FakeServer): Coffer =>
  createClient({ address: 'http://coffer.test', runtime: server.runtime() });

const versioned = (): FakeServer =>
  new FakeServer().on(
    'GET sys/internal/ui/mounts/secret',
    enveloped({ path: 'secret/', type: 'kv', options: { version: '2' } }),
  );
const plain = (): FakeServer =>
  new FakeServer().on('GET sys/internal/ui/mounts/old', enveloped({ path: 'old/', type: 'kv', options: null }));

test('the mount is asked once, then remembered', async () => {
  const server = versioned().on('GET secret/data/app', enveloped({ data: { password: 'p' }, metadata: {} }));
  const kv = clientOf(server).kv('secret/');
  assert.equal((await kv.secret('app', 'password')).revealText(), 'p');
  await kv.get('app');
  assert.equal(server.requests.filter(one => one.path.startsWith('sys/')).length, 1);
});

test('a secret does not print; numbers and structure become their text', async () => {
  const data = { password: 'canary', port: 5432, list: ['a', 1] };
  const server = versioned().on('GET secret/data/app', enveloped({ data, metadata: {} }));
  const kv = clientOf(server).kv('secret');
  assert.equal(inspect(await kv.secret('app', 'password')), '[secret]');
  assert.equal((await kv.secret('app', 'port')).revealText(), '5432');
  assert.equal((await kv.secret('app', 'list')).revealText(), '["a",1]');
  await assert.rejects(kv.secret('app', 'none'), error => error instanceof CofferError && error.code === 'not_found');
});

test('both versions are written in their own form', async () => {
  const two = versioned().on('PUT secret/data/app', enveloped({ version: 1 }));
  await clientOf(two).kv('secret').put('app', { a: 'b' }, { cas: 0 });
  assert.equal(inspect(two.requests[1]?.body).includes("'cas' => JsonNumber"), true);
  const one = plain().on('PUT old/app', {});
  await clientOf(one).kv('old').put('app', { a: 'b' });
  assert.deepEqual(one.requests[1]?.body, new Map([['a', 'b']]));
});

test('a server without the question has mounts of version 1', async () => {
  const server = new FakeServer().on('GET kv/app', enveloped({ a: 'b' }));
  assert.equal((await clientOf(server).kv('kv').get('app'))?.get('a'), 'b');
});

test('what only versioned mounts have is refused by name on the others', async () => {
  const kv = clientOf(plain()).kv('old');
  for (const asked of [kv.patch('a', {}), kv.undelete('a', [1]), kv.destroy('a', [1]), kv.put('a', {}, { cas: 1 })]) {
    await assert.rejects(asked, /keeps no versions/);
  }
});

test('a deleted version has no data', async () => {
  const server = versioned().on('GET secret/data/app', {
    ...enveloped({ data: null, metadata: { version: 1 } }),
    status: 404,
  });
  assert.equal(await clientOf(server).kv('secret').get('app'), undefined);
});
