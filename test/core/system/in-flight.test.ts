/** `sys/in-flight-req`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed } from '../bed.ts';
import { tokenWith } from '../places.ts';

const body = (value: string): Uint8Array => new TextEncoder().encode(JSON.stringify({ data: { a: value } }));

test('a request that waits is shown until it is answered, without what it carries', async () => {
  const bed = await openBed();
  let send: (bytes: Uint8Array) => void = () => {};
  const late = new Promise<Uint8Array>(done => {
    send = done;
  });
  const address = '10.1.2.3';
  const writing = bed.ask('POST', 'secret/data/app?a=canary', { token: bed.rootToken, late, address });
  const { json, text } = await bed.root('GET', 'sys/in-flight-req');
  assert.deepEqual(Object.values(json), [
    {
      start_time: '2026-01-01T00:00:00.000Z',
      client_remote_address: '10.1.2.3:1234',
      request_path: '/v1/secret/data/app',
      request_method: 'POST',
      client_id: '',
    },
    {
      start_time: '2026-01-01T00:00:00.000Z',
      client_remote_address: '127.0.0.1:1234',
      request_path: '/v1/sys/in-flight-req',
      request_method: 'GET',
      client_id: '',
    },
  ]);
  for (const id of Object.keys(json)) assert.match(id, /^[0-9a-f-]{36}$/);
  assert.ok(!text.includes(bed.rootToken) && !text.includes('canary'));
  send(body('canary'));
  assert.equal((await writing).status, 200);
  assert.equal(Object.keys((await bed.root('GET', 'sys/in-flight-req')).json).length, 1);
  assert.equal(bed.core.inFlight.count, 0);
});

test('a request that fails, or whose body never comes, is shown no longer', async () => {
  const bed = await openBed();
  await bed.ask('POST', 'secret/data/app', { token: bed.rootToken, late: Promise.reject(new Error('gone')) });
  await bed.ask('POST', 'secret/data/app', { token: bed.rootToken, late: Promise.resolve(body('x').slice(1)) });
  await bed.ask('POST', 'sys/unseal', { late: Promise.resolve(new Uint8Array(0)) });
  assert.equal(bed.core.inFlight.count, 0);
});

test('it needs sudo, and an open store', async () => {
  const bed = await openBed();
  const ask = async (text: string) =>
    bed.ask('GET', 'sys/in-flight-req', { token: await tokenWith(bed, `path "sys/in-flight-req" { ${text} }`) });
  assert.equal((await ask('capabilities = ["read"]')).status, 403);
  assert.equal((await ask('capabilities = ["read", "sudo"]')).status, 200);
  assert.equal((await bed.ask('GET', 'sys/in-flight-req')).status, 403);
  await bed.root('PUT', 'sys/seal');
  assert.equal((await bed.root('GET', 'sys/in-flight-req')).status, 503);
});
