/** What a subscriber is told, in which form, and where it can go on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { engines } from '../../../packages/server/src/engines/registry.ts';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { openBed } from '../bed.ts';
import { askStream, follow, put, socketOf, textOf } from './follower.ts';

test('a change is told once it is made, as a CloudEvent that clients of Vault read', async () => {
  const bed = await openBed();
  const follower = await follow(bed, 'kv*');
  assert.equal(follower.answer.status, 200);
  assert.equal(new Map(follower.answer.headers).get('Content-Type'), 'text/event-stream');
  await put(bed, 'app/db');
  const { id, data } = (await follower.next()) ?? { id: '', data: undefined };
  const accessor = (await bed.root('GET', 'sys/mounts/secret')).json.data.accessor;
  assert.match(data.id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(data.source, /^urn:coffer:[0-9a-f-]{36}$/);
  assert.equal(data.revision, id);
  assert.deepEqual(
    { ...data, id: '', source: '', data: { ...data.data, event: { ...data.data.event, id: '' } } },
    {
      id: '',
      source: '',
      specversion: '1.0',
      type: '*',
      data: {
        event: {
          id: '',
          metadata: {
            current_version: '1',
            data_path: 'secret/data/app/db',
            modified: 'true',
            oldest_version: '0',
            operation: 'data-write',
            path: 'secret/data/app/db',
          },
        },
        event_type: 'kv-v2/data-write',
        plugin_info: { mount_class: 'secret', mount_accessor: accessor, mount_path: 'secret/', plugin: 'kv' },
      },
      datacontentype: 'application/cloudevents',
      datacontenttype: 'application/cloudevents',
      time: '2026-01-01T00:00:00.000Z',
      revision: id,
    },
  );
  assert.equal(data.data.event.id, data.id);
  await follower.leave();
  assert.equal(bed.core.events.count, 0);
});

const everyChange = async (root: (method: string, path: string, body?: unknown) => Promise<unknown>): Promise<void> => {
  await root('POST', 'secret/config', { max_versions: 5 });
  await root('POST', 'secret/data/a', { data: { v: 1 } });
  await root('PATCH', 'secret/data/a', { data: { w: 2 } });
  await root('POST', 'secret/metadata/a', { max_versions: 4 });
  await root('PATCH', 'secret/metadata/a', { max_versions: 3 });
  await root('DELETE', 'secret/data/a');
  await root('POST', 'secret/undelete/a', { versions: [2] });
  await root('POST', 'secret/delete/a', { versions: [2] });
  await root('POST', 'secret/destroy/a', { versions: [2] });
  await root('DELETE', 'secret/metadata/a');
  await root('POST', 'plain/b', { v: 1 });
  await root('DELETE', 'plain/b');
};

const everyTold = [
  'kv-v2/config-write secret/config',
  'kv-v2/data-write secret/data/a',
  'kv-v2/data-patch secret/data/a',
  'kv-v2/metadata-write secret/metadata/a',
  'kv-v2/metadata-patch secret/metadata/a',
  'kv-v2/data-delete secret/data/a',
  'kv-v2/undelete secret/undelete/a',
  'kv-v2/delete secret/delete/a',
  'kv-v2/destroy secret/destroy/a',
  'kv-v2/metadata-delete secret/metadata/a',
  'kv-v1/write plain/b',
  'kv-v1/delete plain/b',
];

test('all that is told was declared, all that is declared is told, and the page about events names it', () => {
  const declared = engines.flatMap(({ events = [] }) => events.map(({ type }) => type)).toSorted();
  assert.deepEqual(everyTold.map(one => one.slice(0, one.indexOf(' '))).toSorted(), declared);
  const page = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
  const table = page.split('## What is told')[1]?.split('Reading is told')[0] ?? '';
  assert.deepEqual([...table.matchAll(/`(kv-v[^`]+)`/g)].map(([, type = '']) => type).toSorted(), declared);
});

test('every kind of change is told, in order; reading and what changes nothing is not', async () => {
  const bed = await openBed();
  await bed.root('POST', 'sys/mounts/plain', { type: 'kv', options: { version: '1' } });
  const follower = await follow(bed, '*');
  await everyChange(bed.root);
  assert.deepEqual(await follower.take(everyTold.length), everyTold);
  for (const path of ['secret/data/a', 'secret/metadata/a', 'plain/b']) await bed.root('GET', path);
  await bed.root('LIST', 'secret/metadata');
  await bed.root('POST', 'secret/undelete/none', { versions: [1] });
  await put(bed, 'last');
  assert.deepEqual(await follower.take(1), ['kv-v2/data-write secret/data/last']);
});

test('a pattern of types is kept', async () => {
  const bed = await openBed();
  const followers = await Promise.all(['kv-v2/data-*', '*delete', 'kv-v1/*'].map(type => follow(bed, type)));
  await put(bed, 'a');
  await bed.root('DELETE', 'secret/metadata/a');
  await bed.root('POST', 'sys/mounts/plain', { type: 'kv', options: { version: '1' } });
  await bed.root('POST', 'plain/b', { v: 1 });
  const told = await Promise.all(followers.map(one => one.take(1)));
  assert.deepEqual(told.flat(), [
    'kv-v2/data-write secret/data/a',
    'kv-v2/metadata-delete secret/metadata/a',
    'kv-v1/write plain/b',
  ]);
});

test('who comes back with the last id misses nothing and is told nothing twice', async () => {
  const bed = await openBed();
  const first = await follow(bed, 'kv*');
  await put(bed, 'one');
  const seen = await first.next();
  await first.leave();
  await put(bed, 'two');
  await put(bed, 'three');
  const expected = ['kv-v2/data-write secret/data/two', 'kv-v2/data-write secret/data/three'];
  const byQuery = await follow(bed, `kv*?since=${seen?.id}`);
  assert.deepEqual(await byQuery.take(2), expected);
  const byHeader = await follow(bed, 'kv*?since=1', { headers: { 'last-event-id': seen?.id ?? '' } });
  assert.deepEqual(await byHeader.take(2), expected);
  await put(bed, 'four');
  for (const follower of [byQuery, byHeader])
    assert.deepEqual(await follower.take(1), ['kv-v2/data-write secret/data/four']);
});

test('the same event has the same id whenever it is told', async () => {
  const bed = await openBed();
  const live = await follow(bed, 'kv*');
  await put(bed, 'one');
  const again = await follow(bed, 'kv*?since=1');
  assert.deepEqual(await live.next(), await again.next());
});

test('what is not kept any more is said before anything else is told', async () => {
  const bed = await openBed({ storage: openMemoryStore({ historyLimit: 20 }) });
  for (let i = 0; i < 30; i++) await put(bed, `k${i}`);
  const follower = await follow(bed, 'kv*?since=3');
  const gap = await follower.next();
  assert.equal(gap?.event, 'compacted');
  const next = await follower.next();
  assert.equal(Number(next?.id), Number(gap?.data.revision), 'the first event that is left is told');
  assert.equal(Number(gap?.id), Number(gap?.data.revision) - 1, 'to come back with it misses nothing');
});

test('a revision that is not there yet belongs to another store: told as a gap, then from now on', async () => {
  const bed = await openBed();
  const follower = await follow(bed, 'kv*?since=100000');
  const gap = await follower.next();
  assert.equal(gap?.event, 'compacted');
  await put(bed, 'a');
  const next = await follower.next();
  assert.equal(Number(next?.id), Number(gap?.data.revision));
});

test('a mount that moved is told with its path of today, one that is gone is not told', async () => {
  const bed = await openBed();
  await put(bed, 'a');
  await bed.root('POST', 'sys/mounts/other', { type: 'kv', options: { version: '1' } });
  await bed.root('POST', 'other/x', { v: 1 });
  const live = await follow(bed, '*?since=1');
  assert.deepEqual(await live.take(2), ['kv-v2/data-write secret/data/a', 'kv-v1/write other/x']);
  await bed.root('POST', 'sys/remount', { from: 'secret', to: 'moved' });
  await bed.root('DELETE', 'sys/mounts/other');
  for (let turn = 0; turn < 50; turn++) await new Promise(done => setImmediate(done));
  await bed.root('POST', 'moved/data/b', { data: { v: 1 } });
  assert.deepEqual(await live.take(1), ['kv-v2/data-write moved/data/b']);
  const again = await follow(bed, '*?since=1');
  assert.deepEqual(await again.take(2), ['kv-v2/data-write moved/data/a', 'kv-v2/data-write moved/data/b']);
});

test('a WebSocket carries the same event as JSON, and as Protocol Buffers where JSON was not asked for', async () => {
  const bed = await openBed();
  const headers = { upgrade: 'websocket' };
  const sse = await follow(bed, 'kv%2A');
  const json = socketOf(await askStream(bed, 'kv%2A?json=true', { headers, upgrades: true }));
  const binary = socketOf(await askStream(bed, 'kv*?json=0', { headers, upgrades: true }));
  const [first, second] = [json.next(), binary.next()];
  await put(bed, 'a');
  const { data } = (await sse.next()) ?? { data: undefined };
  const text = (await first).value;
  assert.ok(text.kind === 'text');
  assert.deepEqual(JSON.parse(new TextDecoder().decode(text.bytes)), data);
  const bytes = (await second).value;
  assert.ok(bytes.kind === 'binary');
  const shown = new TextDecoder('latin1').decode(bytes.bytes);
  for (const part of [data.id, 'kv-v2/data-write', 'secret/data/a', 'current_version', 'kv_', 'secret/'])
    assert.ok(shown.includes(part), part);
});

test('what cannot be asked for is refused in words', async () => {
  const bed = await openBed();
  const refused = async (target: string, words: RegExp, ask = {}): Promise<void> => {
    const answer = await askStream(bed, target, ask);
    assert.equal(answer.status, 400, target);
    assert.match(textOf(answer), words, target);
  };
  await refused('', /did not specify eventType to subscribe to/);
  await refused('kv*?json=yes', /invalid parameter for JSON/);
  await refused('kv*?filter=operation', /invalid filter: expected a comparison/);
  await refused('kv*?since=soon', /since/);
  await refused('kv*', /could not accept as websocket/, { headers: { upgrade: 'websocket' } });
  await refused('kv*', /Last-Event-ID/, { headers: { 'last-event-id': 'x' } });
  await refused('k'.repeat(300), /longer than 256/);
  await refused(`kv*?namespaces=${'a,'.repeat(120)}a`, /at most 100/);
  assert.equal(bed.core.events.count, 0);
});

test('a stream that fails in audit was never begun', async () => {
  let fails = false;
  const bed = await openBed({
    sink: {
      write: async () => {
        if (fails) throw new Error('full');
      },
    },
  });
  fails = true;
  assert.equal((await askStream(bed, 'kv*')).status, 500);
  assert.equal(bed.core.events.count, 0);
});

test('opening a stream is on record, with who asked for what', async () => {
  const bed = await openBed();
  await follow(bed, 'kv*?filter=operation%3D%3Ddata-write');
  const records = bed.audited.map(line => JSON.parse(line)).filter(one => one.request.path.includes('events'));
  assert.deepEqual(
    records.map(({ type, request }) => [type, request.operation, request.path]),
    ['request', 'response'].map(type => [type, 'read', 'sys/events/subscribe/kv*']),
  );
});
