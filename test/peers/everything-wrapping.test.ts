/** Every operation of `sys/wrapping/`, over HTTP and through the client for applications. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from '@coffer/client/client.ts';
import { ServerError } from '@coffer/client/errors.ts';
import { type Api, apiOf } from './calls.ts';
import { type ServerProcess, startDevServer } from './server.ts';

const invalid = ['wrapping token is not valid or does not exist'];
let server: ServerProcess;
let api: Api;

before(async () => {
  server = await startDevServer();
  api = apiOf(server.address, 'root');
  await api.call('POST', 'secret/data/a', { body: { data: { k: 'v' } } });
});

after(async () => {
  await server.stop();
});

const wrap = async (more: { readonly [name: string]: string } = {}): Promise<string> => {
  const headers = { 'X-Vault-Wrap-TTL': '5m', ...more };
  return (await api.call('GET', 'secret/data/a', { headers })).wrap_info.token;
};

test('answers are wrapped, looked at, replaced and opened once', async () => {
  const token = await wrap();
  const seen = await api.call('POST', 'sys/wrapping/lookup', { body: { token } });
  assert.deepEqual([seen.data.creation_path, seen.data.creation_ttl], ['secret/data/a', 300]);
  assert.equal((await api.call('GET', 'sys/wrapping/lookup', { token })).data.creation_path, 'secret/data/a');
  const { wrap_info } = await api.call('POST', 'sys/wrapping/rewrap', { body: { token } });
  assert.deepEqual([wrap_info.creation_path, wrap_info.ttl], ['secret/data/a', 300]);
  assert.deepEqual((await api.call('POST', 'sys/wrapping/unwrap', { token, status: 400 })).errors, invalid);
  const opened = await api.call('POST', 'sys/wrapping/unwrap', { body: { token: wrap_info.token } });
  assert.deepEqual(opened.data.data, { k: 'v' });
  const again = await api.call('PUT', 'sys/wrapping/unwrap', { token: wrap_info.token, status: 400 });
  assert.deepEqual(again.errors, invalid);
});

test('data of the caller is wrapped; without a time it is refused', async () => {
  const headers = { 'X-Vault-Wrap-TTL': '60' };
  const { wrap_info } = await api.call('POST', 'sys/wrapping/wrap', { body: { a: 1 }, headers });
  assert.equal(wrap_info.creation_path, 'sys/wrapping/wrap');
  assert.deepEqual((await api.call('PUT', 'sys/wrapping/unwrap', { token: wrap_info.token })).data, { a: 1 });
  const refused = await api.call('POST', 'sys/wrapping/wrap', { body: { a: 1 }, status: 400 });
  assert.deepEqual(refused.errors, ['endpoint requires response wrapping to be used']);
});

test('of many connections that open one token at once, as JWT or plain, one gets it', async () => {
  for (const format of ['', 'jwt']) {
    const token = await wrap({ 'X-Vault-Wrap-Format': format });
    const told = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        fetch(`${server.address}/v1/sys/wrapping/unwrap`, {
          method: 'POST',
          headers: { 'X-Vault-Token': at % 2 === 0 ? token : 'root' },
          body: JSON.stringify(at % 2 === 0 ? {} : { token }),
        }),
      ),
    );
    const statuses = told.map(({ status }) => status).toSorted((a, b) => a - b);
    assert.deepEqual(statuses, [200, ...Array.from({ length: 19 }, () => 400)]);
  }
});

test('the client asks for wrapped answers and opens them', async () => {
  const client = createClient({ address: server.address, token: 'root' });
  const wrapped = await client.request({ method: 'GET', path: 'secret/data/a', wrapTtl: '5m' });
  const token = wrapped.wrapInfo?.token;
  assert.ok(token !== undefined);
  assert.equal(wrapped.data, undefined);
  const stranger = createClient({ address: server.address });
  assert.equal((await stranger.unwrap(token)).body.get('data') instanceof Map, true);
  await assert.rejects(stranger.unwrap(token), (error: unknown) => {
    assert.ok(error instanceof ServerError);
    assert.match(error.message, /wrapping token is not valid or does not exist/);
    return true;
  });
});

test('the client opens a login that was wrapped', async () => {
  const client = createClient({ address: server.address, token: 'root' });
  const made = await client.request({ method: 'PUT', path: 'auth/token/create', body: { ttl: '1h' }, wrapTtl: '60' });
  const info = made.wrapInfo;
  assert.ok(info !== undefined);
  const { auth } = await client.unwrap(info.token);
  assert.equal(auth?.accessor, info.wrappedAccessor);
});
