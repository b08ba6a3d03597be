import assert from 'node:assert/strict';
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
