import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { nodeTransport } from './node.ts';
import { TransportError } from './transport.ts';

test('a certificate that is no PEM is a failure to connect, in words without it', async () => {
  const transport = nodeTransport({ certificate: 'canary-certificate', key: 'canary-key' });
  const { signal } = new AbortController();
  const request = { method: 'GET', url: 'https://127.0.0.1:1/', headers: new Map(), body: undefined, signal };
  await assert.rejects(transport(request), error => {
    assert.ok(error instanceof TransportError);
    assert.equal(error.message, 'the own certificate or its key is not PEM');
    assert.doesNotMatch(String(error.stack), /canary/);
    return true;
  });
});

test('an answer is read up to the bound that was asked for, and no further', async t => {
  const server = createServer((_, response) => response.end('x'.repeat(1000)));
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { signal } = new AbortController();
  const request = { method: 'GET', url, headers: new Map(), body: undefined, signal };
  assert.equal((await nodeTransport({}, 1000)(request)).body.length, 1000);
  await assert.rejects(nodeTransport({}, 999)(request), { message: 'the answer is larger than 999 bytes' });
});
