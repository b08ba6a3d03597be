import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Kube, WatchEvent } from '../../packages/server/src/contracts/kube.ts';
import { isExpired, KubeError } from '../../packages/server/src/platform/kube/error.ts';
import {
  clientFor,
  configMap,
  configMaps,
  type FakeApi,
  fakeApi,
  line,
  pieces,
  refusal,
  secrets,
  silence,
  statusBody,
} from './fake-api.ts';

let api: FakeApi;
let kube: Kube;
let close: () => void;

before(async () => {
  api = await fakeApi();
  ({ kube, close } = clientFor(api.url));
});
after(async () => {
  close();
  await api.close();
});
beforeEach(() => void (api.heard.length = 0));

interface Seen {
  readonly events: WatchEvent[];
  readonly error: unknown;
}

const watched = async (resource = configMaps, signal = new AbortController().signal): Promise<Seen> => {
  const events: WatchEvent[] = [];
  try {
    const selection = { namespace: 'a', resourceVersion: '5', metadataOnly: resource === secrets };
    for await (const event of kube.watch(resource, selection, signal)) events.push(event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
};

const told = ({ events }: Seen) => events.map(({ type, object }) => `${type} ${object.metadata.name}`);
const added = line('ADDED', configMap('x', '6'));

test('events come one a line, however they are cut on the way', async () => {
  const bookmark = line('BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '8' } });
  const all = added + line('MODIFIED', configMap('x', '7')) + bookmark + line('DELETED', configMap('x', '9'));
  api.next(pieces(all.split('')));
  const seen = await watched();
  assert.equal(seen.error, undefined);
  assert.deepEqual(told(seen), ['added x', 'modified x', 'bookmark ', 'deleted x']);
  assert.equal(seen.events[2]?.object.metadata.resourceVersion, '8');
  const { query, path } = api.heard[0] ?? assert.fail();
  assert.equal(path, '/api/v1/namespaces/a/configmaps');
  assert.deepEqual([query.get('resourceVersion'), query.get('allowWatchBookmarks')], ['5', 'true']);
  assert.ok(Number(query.get('timeoutSeconds')) >= 300);
});

test('half a line at the end is no event', async () => {
  api.next(pieces([added, '{"type":"ADDED","object":{"meta']));
  const seen = await watched();
  assert.deepEqual([told(seen), seen.error], [['added x'], undefined]);
});

test('a broken connection is an error after what came', async () => {
  api.next(pieces([added, '{"type":'], 'break'));
  const seen = await watched();
  assert.deepEqual(told(seen), ['added x']);
  assert.equal((seen.error as KubeError).reason, 'NoAnswer');
});

test('410 is told as expired, as an answer and as an event', async () => {
  api.next(refusal(410, 'Expired'), pieces([added, line('ERROR', statusBody(410, 'Expired'))]));
  assert.ok(isExpired((await watched()).error));
  assert.ok(isExpired((await watched()).error));
});

test('garbage ends the watch, and is not quoted', async () => {
  const canary = 'canary';
  for (const text of [
    `${canary}\n`,
    `"${canary}"\n`,
    line(canary, configMap('x', '1')),
    line('ADDED', { metadata: { canary } }),
    line('ADDED', []),
    '{"type":"ADDED"}\n',
    '{"type":"ERROR"}\n',
    `\u0000${canary}\n`,
  ]) {
    api.next(pieces([added, text]));
    const { events, error } = await watched();
    assert.equal(events.length, 1);
    assert.ok(error instanceof KubeError, text);
    assert.doesNotMatch(error.message, /canary/);
  }
});

test('a line without end is cut off at its bound', async () => {
  api.next(response => {
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(1024 * 1024, 0x61), () => setImmediate(more));
    };
    response.writeHead(200);
    more();
  });
  const { error } = await watched();
  assert.match((error as KubeError).message, /larger than 16777216 bytes/);
});

test('a watch over which nothing comes any more ends by itself', async () => {
  api.next(pieces([added], 'silence'));
  const seen = await watched();
  assert.deepEqual([told(seen), seen.error], [['added x'], undefined]);
});

test('a watch that is not answered is given up', async () => {
  api.next(silence);
  assert.equal(((await watched()).error as KubeError).reason, 'NoAnswer');
});

test('a watch ends quietly on the signal, before and after its first event', async () => {
  const aborter = new AbortController();
  api.next(pieces([added], 'silence'));
  const run = watched(configMaps, aborter.signal);
  setTimeout(() => aborter.abort(), 50);
  assert.deepEqual(told(await run), ['added x']);
  assert.equal((await run).error, undefined);
  assert.deepEqual((await watched(configMaps, aborter.signal)).events, []);
  assert.equal(api.heard.length, 1);
});

test('of metadata alone nothing else is kept, even where more is sent', async () => {
  api.next(pieces([line('ADDED', configMap('x', '6', { data: { k: 'canary' } }))]));
  const { events } = await watched(secrets);
  assert.doesNotMatch(JSON.stringify(events), /canary/);
  assert.match(api.heard[0]?.headers.accept ?? '', /as=PartialObjectMetadata;g=meta\.k8s\.io;v=v1/);
});
