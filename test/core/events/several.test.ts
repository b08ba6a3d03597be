/** An engine of its own that tells of several things in one commit: where a subscriber goes on after some of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { t } from '../../../packages/schema/src/fields/t.ts';
import { rowsFor } from '../../../packages/schema/src/row.ts';
import type { Cx, Engine } from '../../../packages/server/src/contracts/engine.ts';
import { openBed } from '../bed.ts';
import { follow } from './follower.ts';

const { write } = rowsFor<Cx<'storage'>>();
const text = new TextEncoder();

/** Of what is written, each letter is told; `?` without a path. */
const letters: Engine = {
  kind: 'secret',
  type: 'letters',
  summary: 'Tells of each letter',
  needs: ['storage'],
  rows: [
    write(
      'say',
      { summary: 'Say', in: { word: t.string('Word', { required: true }) } },
      async ({ storage }, { word }) => {
        await storage.commit({
          writes: [{ key: 'last', value: text.encode(word) }],
          events: word.split('').map(letter => ({
            type: 'letters/said',
            payload: text.encode(JSON.stringify(letter === '?' ? { operation: 'said' } : { path: letter })),
          })),
        });
      },
    ),
  ],
};

const opened = async () => {
  const bed = await openBed({ engines: [letters] });
  await bed.root('POST', 'sys/mounts/abc', { type: 'letters' });
  return bed;
};

test('who left between two events of one change is told all of them again, with their ids', async () => {
  const bed = await opened();
  const first = await follow(bed, 'letters/*');
  await bed.root('POST', 'abc/say', { word: 'xyz' });
  const [x, y] = [await first.next(), await first.next()];
  const again = await follow(bed, `letters/*?since=${y?.id}`);
  const all = [await again.next(), await again.next(), await again.next()];
  assert.deepEqual(all.slice(0, 2), [x, y]);
  assert.equal(new Set(all.map(one => one?.data.id)).size, 3, 'each has an id of its own');
  await bed.root('POST', 'abc/say', { word: 'w' });
  const after = await follow(bed, `letters/*?since=${all[2]?.id}`);
  assert.deepEqual(await after.take(1), ['letters/said abc/w'], 'with the last id nothing comes again');
});

test('an event without a path is heard by root alone', async () => {
  const bed = await opened();
  const policy = `path "sys/events/subscribe/*" { capabilities = ["read"] }
path "*" { capabilities = ["list", "subscribe"]
 subscribe_event_types = ["*"] }`;
  await bed.root('PUT', 'sys/policies/acl/all', { policy });
  const made = await bed.root('POST', 'auth/token/create', { policies: ['all'] });
  const [root, other] = [await follow(bed, '*'), await follow(bed, '*', { token: made.json.auth.client_token })];
  await bed.root('POST', 'abc/say', { word: '?a' });
  assert.deepEqual((await root.next())?.data.data.event.metadata, { operation: 'said' });
  assert.deepEqual(await other.take(1), ['letters/said abc/a']);
});
