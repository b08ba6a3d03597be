import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@coffer/client/client.ts';
import { enveloped, type FakeAnswer, FakeServer } from '@coffer/client/fake.ts';
import type { Delivery } from './delivery.ts';
import { Follower } from './follow.ts';
import { Reader } from './reader.ts';
import { wantedOf } from './wanted.ts';

const canary = 'canary-follow';
const mount = enveloped({ path: 'secret/', type: 'kv', options: { version: '2' } });
const data = (value: string, version: number): FakeAnswer =>
  enveloped({ data: { v: value, other: 'x' }, metadata: { version, custom_metadata: null } });
const metadata = (version: number): FakeAnswer => enveloped({ current_version: version });
const away: FakeAnswer = { fails: 'before' };
const refused = (status: number): FakeAnswer => ({ status, body: { errors: ['no'] } });

const paths = { data: 'GET secret/data/app', metadata: 'GET secret/metadata/app' };

const bed = async (given: { data: readonly FakeAnswer[]; metadata: readonly FakeAnswer[] }) => {
  const server = new FakeServer();
  server.on('GET sys/internal/ui/mounts/secret/app', mount);
  server.on(paths.data, ...given.data).on(paths.metadata, ...given.metadata);
  const client = createClient({ address: 'http://coffer.test', token: 't', retries: 0, runtime: server.runtime() });
  const changes: Delivery[] = [];
  const said: string[] = [];
  const follower = new Follower(new Reader(client), server.runtime(), {
    wanted: wantedOf({ env: ['A=secret/app#v'], file: [], whole: [], prefix: '' }),
    intervalMs: 10_000,
    onChange: async delivery => void changes.push(delivery),
    say: line => said.push(line),
  });
  await follower.first();
  follower.start();
  const turn = async (): Promise<void> => {
    await server.next();
    await server.settle();
    await server.settle();
  };
  return { server, follower, changes, said, turn };
};

test('only the metadata is asked for until there is a new version', async () => {
  const { server, changes, turn } = await bed({
    data: [data('one', 1), data('two', 2)],
    metadata: [metadata(1), metadata(2)],
  });
  await turn();
  assert.equal(server.requests.filter(one => one.path === 'secret/data/app').length, 1);
  await turn();
  assert.deepEqual(
    changes.map(one => one.env.get('A')),
    ['two'],
  );
});

test('F8: a new version with the same value is no change', async () => {
  const { changes, turn } = await bed({ data: [data('one', 1), data('one', 2)], metadata: [metadata(2)] });
  await turn();
  await turn();
  assert.deepEqual(changes, []);
});

test('F5, F6: what cannot be read changes nothing and is said once; the end of it too', async () => {
  const broken: readonly FakeAnswer[] = [
    away,
    refused(500),
    refused(503),
    { raw: '{"data":' },
    metadata(1),
    metadata(1),
  ];
  const { changes, said, turn } = await bed({ data: [data(canary, 1)], metadata: broken });
  for (let turns = 0; turns < 6; turns += 1) await turn();
  assert.deepEqual(changes, []);
  assert.equal(said.length, 2);
  assert.match(said[0] ?? '', /the process keeps what it has/);
  assert.equal(said[1], 'the secrets can be read again');
  assert.ok(!said.join('').includes(canary), 'S11');
});

test('F6: a deleted version, a lost key and a lost right change nothing', async () => {
  const deleted: FakeAnswer = { ...enveloped({ data: null, metadata: { version: 2 } }), status: 404 };
  const lost = enveloped({ data: { w: canary }, metadata: { version: 2, custom_metadata: null } });
  for (const answer of [deleted, lost, refused(403), { status: 404, body: { errors: [] } }]) {
    const { changes, said, turn } = await bed({ data: [data('one', 1), answer], metadata: [metadata(2)] });
    await turn();
    assert.deepEqual([changes.length, said.length], [0, 1]);
    assert.ok(!said.join('').includes(canary), 'S11');
  }
});

test('without a right to the metadata the secret itself is read', async () => {
  const { server, changes, turn } = await bed({
    data: [data('one', 1), data('one', 1), data('two', 2)],
    metadata: [refused(403)],
  });
  await turn();
  await turn();
  assert.equal(changes.length, 1);
  assert.equal(server.requests.filter(one => one.path === 'secret/metadata/app').length, 1);
});

test('waits keep near the interval, and end when stopped', async () => {
  const { server, follower, turn } = await bed({ data: [data('one', 1)], metadata: [metadata(1)] });
  await turn();
  assert.ok(server.waitsMs.filter(one => one < 60_000).every(one => one >= 8000 && one <= 12_000));
  follower.stop();
  assert.equal(server.timers, 0);
});
