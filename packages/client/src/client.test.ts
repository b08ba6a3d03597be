import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { CofferError } from '@coffer/schema/errors.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { createClient, type Coffer } from './client.ts';
import { ServerError } from './errors.ts';
import { enveloped, FakeServer } from './fake.ts';
import type { ClientOptions } from './options.ts';

const canary = 'canary-8019210420527506405';

const clientOf = (server: FakeServer, more: Partial<ClientOptions> = {}): Coffer =>
  createClient({ address: 'http://coffer.test:8200/', token: 's.client', runtime: server.runtime(), ...more });

const codeOf = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof CofferError);
    return error.code;
  }
  return 'no error';
};

test('a request carries the token, the namespace and the mark of API clients', async () => {
  const server = new FakeServer().on('GET secret/a', enveloped({ k: 'v' }));
  const answer = await clientOf(server, { namespace: 'team-a/' }).request({ method: 'GET', path: '/secret/a' });
  assert.equal(answer.data?.get('k'), 'v');
  const headers = server.requests[0]?.headers;
  assert.equal(headers?.get('x-vault-token'), 's.client');
  assert.equal(headers?.get('x-vault-namespace'), 'team-a/');
  assert.equal(headers?.get('x-vault-request'), 'true');
});

test('a list is sent as a GET that says so, because browsers and proxies refuse the method', async () => {
  const server = new FakeServer().on('GET secret/metadata/?list=true', enveloped({ keys: ['a', 'b/'] }));
  assert.deepEqual(await clientOf(server).list('secret/metadata/'), ['a', 'b/']);
});

test('nothing at a path is undefined, a deleted version is an answer, and a missing mount is an error', async () => {
  const server = new FakeServer()
    .on('GET none', { status: 404, body: { errors: [] } })
    .on('GET deleted', { ...enveloped({ data: null, metadata: { version: 1 } }), status: 404 })
    .on('GET unmounted', { status: 404, body: { errors: ['no handler for route "x". route entry not found.'] } });
  const client = clientOf(server);
  assert.equal(await client.read('none'), undefined);
  assert.equal((await client.read('deleted'))?.status, 404);
  assert.equal(await codeOf(client.read('unmounted')), 'not_found');
});

test('a refusal has the code of its status, the words of the server and the request id', async () => {
  const body = { errors: ['permission denied'], request_id: 'id-1' };
  const server = new FakeServer().on('PUT secret/a', { status: 403, body });
  await assert.rejects(clientOf(server).write('secret/a', { password: canary }), error => {
    assert.ok(error instanceof ServerError);
    assert.equal(error.code, 'permission_denied');
    assert.deepEqual(error.errors, ['permission denied']);
    assert.equal(error.requestId, 'id-1');
    assert.match(
      error.message,
      /URL: PUT http:\/\/coffer.test:8200\/v1\/secret\/a\nCode: 403. Errors:\n\n\* permission denied/,
    );
    assert.ok(!inspect(error).includes(canary));
    return true;
  });
});

test('a refusal without words ends where there is nothing to tell', async () => {
  const server = new FakeServer().on('PUT secret/a', { status: 404, body: { errors: [] } });
  await assert.rejects(clientOf(server).write('secret/a'), error => {
    assert.ok(error instanceof ServerError);
    assert.match(error.message, /\nCode: 404\.$/);
    return true;
  });
});

test('S11: neither answer nor client nor error prints data or token', async () => {
  const server = new FakeServer().on('GET secret/a', enveloped({ password: canary }));
  const client = clientOf(server, { token: canary });
  const answer = await client.read('secret/a');
  for (const shown of [
    inspect(answer),
    JSON.stringify({ answer }),
    `${answer?.toString()}`,
    inspect(client),
    client.toString(),
  ]) {
    assert.ok(!shown.includes(canary), shown);
  }
  assert.match(inspect(answer), /password/);
});

test('integers above 2^53 keep every digit, in and out', async () => {
  const server = new FakeServer().on('GET n', { raw: '{"request_id":"x","data":{"n":8019210420527506405}}' });
  server.on('PUT n', {});
  const client = clientOf(server);
  const n = (await client.read('n'))?.data?.get('n');
  assert.ok(n instanceof JsonNumber);
  assert.equal(n.source, '8019210420527506405');
  await client.write('n', { n });
  const sent = server.requests[1]?.body;
  assert.ok(sent instanceof Map);
  assert.equal((sent.get('n') as JsonNumber).source, '8019210420527506405');
});

test('S5: a path with dots, controls or nothing is refused before it is sent', async () => {
  const server = new FakeServer();
  for (const path of ['a/../b', '..', 'a/./b', 'a\u0000b', 'a\nb', '', '///', 'a/\ud800']) {
    assert.equal(await codeOf(clientOf(server).read(path)), 'usage', path);
  }
  assert.equal(server.requests.length, 0);
});

test('S5: names that look like syntax stay names', async () => {
  const server = new FakeServer();
  await clientOf(server).read('secret/a b?c=d#e%2e%2e;f\\g');
  assert.equal(server.requests[0]?.path, 'secret/a%20b%3Fc%3Dd%23e%252e%252e%3Bf%5Cg');
});

test('the index of the newest state seen is sent back', async () => {
  const server = new FakeServer().on('PUT a', { headers: { 'x-vault-index': 'i7' } });
  const client = clientOf(server);
  await client.write('a');
  await client.read('b');
  assert.equal(server.requests[0]?.headers.has('x-vault-index'), false);
  assert.equal(server.requests[1]?.headers.get('x-vault-index'), 'i7');
});

test('unwrap uses the wrapping token in place of the own one', async () => {
  const server = new FakeServer().on('PUT sys/wrapping/unwrap', enveloped({ k: 'v' }));
  const answer = await clientOf(server).unwrap('s.wrapped');
  assert.equal(answer.secret('k')?.revealText(), 'v');
  assert.equal(server.requests[0]?.headers.get('x-vault-token'), 's.wrapped');
});

test('an address that is no plain URL, a header that is the client’s own and a token with a line end inside are refused', () => {
  for (const address of ['', 'coffer:8200', 'ftp://a', 'http://user:pw@a', 'http://a/?b', 'http://a/#c']) {
    assert.throws(() => createClient({ address }), CofferError, address);
  }
  const address = 'http://a';
  assert.throws(() => createClient({ address, headers: new Map([['X-Vault-Token', 'x']]) }), /reserved/);
  assert.throws(() => createClient({ address, headers: new Map([['a\r\nb', 'x']]) }), CofferError);
  assert.throws(() => createClient({ address, headers: new Map([['a', 'x\r\ny']]) }), CofferError);
  assert.throws(
    () => createClient({ address, token: `s.a\n${canary}` }),
    error => error instanceof CofferError && !error.message.includes(canary),
  );
});

test('an answer that is no JSON is an error that names the place, not the content', async () => {
  const server = new FakeServer().on('GET a', { raw: `{"data": ${canary}` });
  await assert.rejects(clientOf(server).read('a'), error => {
    assert.ok(error instanceof CofferError);
    assert.ok(!error.message.includes(canary));
    return error.code === 'malformed_body';
  });
});

test('a typed call fills the path and sends the rest as body or query', async () => {
  const server = new FakeServer()
    .on('PUT sys/mounts/team/kv', {})
    .on('GET sys/mounts/team/kv', enveloped({ type: 'kv' }));
  const client = clientOf(server);
  await client.call('sys/mounts/:path*', 'write', { path: 'team/kv', type: 'kv' });
  assert.deepEqual(server.requests[0]?.body, new Map([['type', 'kv']]));
  const answer = await client.call('sys/mounts/:path*', 'read', { path: 'team/kv' });
  assert.equal(answer.text('type'), 'kv');
  assert.equal(await codeOf(client.call('sys/mounts/:path*', 'read', { path: '' })), 'usage');
});

test('raw JSON goes out byte for byte', async () => {
  const server = new FakeServer().on('PUT a', {});
  await clientOf(server).write('a', new RawJson(new TextEncoder().encode('{"n":1.10}')));
  const sent = server.requests[0]?.body;
  assert.ok(sent instanceof Map);
  assert.equal((sent.get('n') as JsonNumber).source, '1.10');
});

test('a typed call reads bare answers and envelopes alike, secrets as secrets', async () => {
  const server = new FakeServer()
    .on('GET sys/seal-status', { body: { sealed: false, t: 3, type: 'shamir' } })
    .on('PUT sys/init', { body: { keys: ['aa'], root_token: canary } });
  const client = clientOf(server);
  const status = await client.call('sys/seal-status', 'read', {});
  assert.deepEqual([status.flag('sealed'), status.number('t'), status.text('type')], [false, 3, 'shamir']);
  const made = await client.call('sys/init', 'write', { secret_shares: 1, secret_threshold: 1 });
  assert.equal(made.secret('root_token')?.revealText(), canary);
  assert.deepEqual(made.texts('keys'), ['aa']);
  assert.ok(!inspect(made).includes(canary));
});

test('a typed call takes the optional end of a path, and mounts of several segments', async () => {
  const server = new FakeServer().on('GET team/kv/metadata?list=true', enveloped({ keys: ['a'] }));
  const keys = await clientOf(server).call(':kv_v2_mount_path/metadata/:path*?', 'list', {
    kv_v2_mount_path: 'team/kv',
  });
  assert.deepEqual(keys.texts('keys'), ['a']);
});
