import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireRequest } from '../../contracts/wire.ts';
import { embeddedConfiguration } from './embedded.ts';
import { listenerService } from './listener.ts';

const [plain] = embeddedConfiguration({
  listen: '127.0.0.1:0',
  folder: '/x',
  logLevel: 'info',
  logFormat: 'standard',
}).listeners;

/** The limit that reaches the socket where a row asks for `wanted` bytes. */
const limitOf = async (maxRequestBytes: number | undefined, wanted: number): Promise<number> => {
  let asked = 0;
  const { handle } = listenerService(
    async request => {
      await request.body(wanted);
      return { status: 204, headers: [], body: undefined };
    },
    { ...(plain ?? assert.fail()), maxRequestBytes, state: { responseHeaders: new Map() } },
  );
  const body = (limit: number): Uint8Array => ((asked = limit), new Uint8Array());
  const headers = new Map<string, string>();
  const peer = { address: '127.0.0.1', port: 1, secure: false };
  const pieces = (): never => assert.fail('not asked for');
  await handle({ method: 'POST', rawTarget: '/v1/x', headers, peer, body, pieces } satisfies WireRequest);
  return asked;
};

test('S13: max_request_size raises and lowers what rows take, and never raises what strangers may send', async () => {
  const [row, open] = [1_048_576, 65_536];
  assert.deepEqual([await limitOf(undefined, row), await limitOf(undefined, open)], [row, open]);
  assert.deepEqual([await limitOf(33_554_432, row), await limitOf(33_554_432, open)], [33_554_432, open]);
  assert.deepEqual([await limitOf(1000, row), await limitOf(1000, open)], [1000, 1000]);
});
