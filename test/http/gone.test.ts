import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Peer } from '@coffer/server/contracts/wire.ts';
import { bedsClosedAfter, plain, RawClient, until } from './bed.ts';

const startBed = bedsClosedAfter(after);

/** The second has a header that only the general server takes. */
const heads = [
  'GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /v1/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n',
];

test('a handler can see that nobody waits for its answer any more, whichever server parses the request', async () => {
  for (const head of heads) {
    const peers: Peer[] = [];
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const bed = await startBed({
      handle: async ({ peer }) => {
        peers.push(peer);
        await held;
        return plain('late');
      },
    });
    const client = RawClient.to(bed);
    client.send(head);
    await until(() => peers.length === 1);
    assert.equal(peers[0]?.isGone?.(), false);
    client.socket.destroy();
    await until(() => peers[0]?.isGone?.() === true);
    letGo();
  }
});
