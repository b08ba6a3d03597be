/** Who follows the change stream of one node hears what is written through others, and never before the node knows of it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openCluster } from './bed.ts';

const cluster = await openCluster();
const { nodes, storage, rootToken } = cluster;
const [first, second] = nodes;
after(() => cluster.close());

test('a change of another node is told once it is applied, with the path of a mount that is new as well', async () => {
  const found = await second.core.tokens.find(rootToken);
  assert.ok(found !== undefined);
  const subscription = await second.core.events.subscribe({
    opening: { path: 'sys/events/subscribe/kv*', capability: 'read' },
    token: found,
    wants: () => true,
    wantsType: () => true,
    since: undefined,
  });
  assert.equal((await subscription.next()).value?.kind, 'beat');
  second.way.isDeaf = true;
  await first.root('POST', 'sys/mounts/new', { type: 'kv', options: { version: '2' } });
  await first.root('POST', 'new/data/app', { data: { a: '1' } });
  const told: string[] = [];
  const next = subscription.next().then(({ value }) => {
    if (value?.kind === 'event') told.push(value.event.path ?? 'nowhere');
  });
  await cluster.advance(500);
  assert.deepEqual(told, []);
  second.way.hear();
  await cluster.turning(next);
  assert.deepEqual(told, ['new/data/app']);
  await subscription.return();
  assert.ok((await storage.head()) > 0);
});
