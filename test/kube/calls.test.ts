import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Kube, KubeObject } from '../../packages/server/src/contracts/kube.ts';
import { connectKube } from '../../packages/server/src/platform/kube/connect.ts';
import { realRandom } from '../../packages/server/src/platform/random/real.ts';
import { Secret } from '../../packages/schema/src/secret.ts';
import {
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
  isUnreachable,
  KubeError,
} from '../../packages/server/src/platform/kube/error.ts';
import {
  answer,
  clientFor,
  configMap,
  configMaps,
  type FakeApi,
  fakeApi,
  hangUp,
  listOf,
  pieces,
  quickClock,
  refusal,
  secrets,
  silence,
  type Step,
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

test('whoever writes for a time only writes nothing after it, not even what waits to be sent again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-held-'));
  const kubeconfig = join(folder, 'config');
  const clusters = [{ name: 'k', cluster: { server: api.url.href } }];
  const contexts = [{ name: 'c', context: { cluster: 'k' } }];
  writeFileSync(kubeconfig, JSON.stringify({ 'current-context': 'c', clusters, contexts }));
  const [clock, random] = [quickClock, realRandom()];
  const connection = await connectKube({ clock, random, environment: new Map(), kubeconfig });
  rmSync(folder, { recursive: true });
  let isHeld = true;
  const held = connection.whileHeld(() => isHeld);
  api.next((response, heard) => {
    isHeld = false;
    refusal(429, 'TooManyRequests')(response, heard);
  });
  const error = await failing(held.apply(configMaps, mine, { fieldManager: 'test' }));
  assert.equal(error.code, 'not_active');
  api.next(answer(200, configMap('x', '1')));
  await held.get(configMaps, at);
  assert.deepEqual(
    api.heard.map(({ method }) => method),
    ['PATCH', 'GET'],
  );
  connection.close();
});

const at = { namespace: 'a', name: 'x' };
const mine = configMap('x', '1') as unknown as KubeObject;
const get = () => kube.get(configMaps, at);
const failing = async (call: Promise<unknown>): Promise<KubeError> => {
  const error: unknown = await call.then(
    () => assert.fail('it must fail'),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof KubeError, String(error));
  return error;
};

test('an object is got from its path, and says what it is', async () => {
  api.next(answer(200, { metadata: { name: 'x', namespace: 'a' }, data: { k: 'v' } }));
  const found = await get();
  assert.deepEqual(found, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', namespace: 'a' },
    data: { k: 'v' },
  });
  assert.equal(api.heard[0]?.path, '/api/v1/namespaces/a/configmaps/x');
  assert.equal(api.heard[0].headers['user-agent'], 'coffer-test');
});

test('only the API server’s own word on this object proves that there is none', async () => {
  api.next(refusal(404, 'NotFound', { details: { name: 'x', kind: 'configmaps' } }));
  assert.equal(await get(), undefined);
  for (const step of [
    refusal(404, 'NotFound'),
    refusal(404, 'NotFound', { details: { name: 'a', kind: 'namespaces' } }),
    answer(404, 'page not found'),
    pieces(['<html>']),
  ]) {
    api.next(step);
    await failing(get());
  }
});

test('each refusal is told by its reason', async () => {
  const cases = [
    [409, 'Conflict', isConflict, 'conflict'],
    [409, 'AlreadyExists', isAlreadyExists, 'conflict'],
    [403, 'Forbidden', isForbidden, 'permission_denied'],
    [422, 'Invalid', isInvalid, 'invalid_request'],
    [404, 'NotFound', isNotFound, 'not_found'],
  ] as const;
  for (const [code, reason, is, errorCode] of cases) {
    api.next(refusal(code, reason));
    const error = await failing(kube.create(configMaps, mine));
    assert.deepEqual([is(error), error.status, error.reason, error.code], [true, code, reason, errorCode]);
    assert.match(error.message, /^create configmaps a\/x: .*it is$/);
  }
});

for (const status of [429, 503]) {
  test(`${status} with Retry-After is sent again, whatever it was`, async () => {
    const wait = answer(status, {}, { 'retry-after': '1' });
    api.next(wait, wait, answer(201, mine));
    await kube.create(configMaps, mine);
    assert.equal(api.heard.length, 3);
  });
}

test('a Retry-After longer than a call may take is the caller’s to wait for', async () => {
  api.next(answer(429, {}, { 'retry-after': '600' }));
  const error = await failing(get());
  assert.equal(error.retryAfterSeconds, 600);
  assert.equal(api.heard.length, 1);
});

test('repetitions end', async () => {
  for (let i = 0; i < 20; i += 1) api.next(answer(429, {}, { 'retry-after': '0' }));
  assert.equal((await failing(get())).status, 429);
  assert.ok(api.heard.length > 1 && api.heard.length <= 6, String(api.heard.length));
  for (let i = api.heard.length; i < 20; i += 1) await kube.ask('/drain', {}).catch(() => undefined);
});

test('after a broken connection a read is sent again, and a create is not', async t => {
  const own = await fakeApi();
  t.after(() => own.close());
  const client = clientFor(own.url);
  t.after(client.close);
  own.next(hangUp, answer(200, mine));
  assert.equal((await client.kube.get(configMaps, at))?.metadata.name, 'x');
  own.next(hangUp, answer(201, mine));
  const error = await failing(client.kube.create(configMaps, mine));
  assert.deepEqual([error.reason, error.code, error.status], ['NoAnswer', 'outcome_unknown', 0]);
});

test('an API server that never answers is given up', async t => {
  const own = await fakeApi();
  t.after(() => own.close());
  const client = clientFor(own.url);
  t.after(client.close);
  own.next(silence, pieces(['{"kind":'], 'silence'));
  const create = await failing(client.kube.create(configMaps, mine));
  assert.match(create.message, /did not answer: no answer within 30 s/);
  assert.equal((await failing(client.kube.create(configMaps, mine))).reason, 'NoAnswer');
});

test('no API server at all is told apart', async () => {
  const gone = await fakeApi();
  const client = clientFor(gone.url);
  await gone.close();
  const error = await failing(client.kube.create(configMaps, mine));
  assert.ok(isUnreachable(error));
  assert.match(error.message, /cannot be reached: ECONNREFUSED/);
  client.close();
});

test('garbage is no answer, and is not quoted', async () => {
  for (const text of ['<html>canary', '"canary"', '[]', '{"metadata":"canary"}', '{"metadata":{}}', '', '\u0000']) {
    api.next(pieces([text]));
    const error = await failing(get());
    assert.equal(error.reason, 'Garbled');
    assert.doesNotMatch(error.message, /canary/);
  }
});

test('pages are one list; expired ones begin again, though not for ever', async () => {
  const gone = refusal(410, 'Expired');
  api.next(
    answer(200, listOf('7', [configMap('a', '1')], 'next')),
    gone,
    answer(200, listOf('9', [configMap('a', '8')], 'next')),
    answer(200, listOf('9', [configMap('b', '2')])),
  );
  const list = await kube.list(configMaps, { labelSelector: 'k=v' });
  assert.equal(list.resourceVersion, '9');
  assert.deepEqual(
    list.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]),
    [
      ['a', '8'],
      ['b', '2'],
    ],
  );
  assert.deepEqual(
    api.heard.map(({ path, query }) => [path, query.get('continue'), query.get('labelSelector')]),
    [
      ['/api/v1/configmaps', null, 'k=v'],
      ['/api/v1/configmaps', 'next', 'k=v'],
      ['/api/v1/configmaps', null, 'k=v'],
      ['/api/v1/configmaps', 'next', 'k=v'],
    ],
  );
  api.next(gone, gone, gone, gone);
  assert.equal((await failing(kube.list(configMaps, {}))).status, 410);
});

test('where objects are too large for one answer, fewer are asked for at once', async () => {
  const page = (name: string, next?: string) => answer(200, listOf('5', [configMap(name, '1')], next));
  const large: Step = response => response.writeHead(200, { 'content-length': 17 * 1024 * 1024 }).flushHeaders();
  api.next(page('a', 't'), large, large, page('b', 'u'), page('c'));
  const { items } = await kube.list(configMaps, {});
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    api.heard.slice(-5).map(({ query }) => [query.get('limit'), query.get('continue')]),
    [
      ['500', null],
      ['500', 't'],
      ['63', 't'],
      ['8', 't'],
      ['8', 'u'],
    ],
  );
});

test('of metadata alone nothing else is kept, even where more is sent', async () => {
  api.next(answer(200, listOf('7', [configMap('a', '1', { data: { k: 'canary' } })])));
  const list = await kube.list(secrets, { metadataOnly: true });
  assert.deepEqual(Object.keys(list.items[0] ?? {}).toSorted(), ['apiVersion', 'kind', 'metadata']);
  assert.match(api.heard[0]?.headers.accept ?? '', /as=PartialObjectMetadataList;g=meta\.k8s\.io;v=v1/);
});

test('writes say who writes, what, and on which conditions', async () => {
  api.next(answer(200, mine), answer(200, mine), answer(200, mine));
  await kube.apply(configMaps, mine, { fieldManager: 'coffer', force: true });
  await kube.mergePatch(configMaps, at, { patch: { status: {} }, subresource: 'status', fieldManager: 'coffer' });
  assert.equal(await kube.remove(configMaps, at, { uid: 'u', resourceVersion: '3' }), true);
  const [apply, patch, remove] = api.heard;
  assert.equal(apply?.headers['content-type'], 'application/apply-patch+yaml');
  assert.equal(String(apply?.query), 'fieldManager=coffer&force=true');
  assert.equal(patch?.path, '/api/v1/namespaces/a/configmaps/x/status');
  assert.equal(patch?.headers['content-type'], 'application/merge-patch+json');
  assert.deepEqual(JSON.parse(remove?.body ?? '').preconditions, { uid: 'u', resourceVersion: '3' });
  api.next(refusal(404, 'NotFound', { details: { name: 'x' } }));
  assert.equal(await kube.remove(configMaps, at), false);
});

test('what is wrong with a Secret is told by its fields, never by what stands in them', async () => {
  const more = {
    message: 'expected string, got canary',
    details: { causes: [{ field: 'data.password', message: 'Invalid value: canary' }] },
  };
  api.next(refusal(422, 'Invalid', more));
  const error = await failing(kube.apply(secrets, mine, { fieldManager: 'coffer' }));
  assert.match(error.message, /data\.password/);
  assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /canary/);
});

test('401 is sent again where there is another credential', async () => {
  let turn = 0;
  const own = clientFor(api.url, {
    current: async () => ({ authorization: Secret.of(`Bearer canary-${turn}`), impersonation: {} }),
    refused: () => (turn += 1) === 1,
  });
  api.next(refusal(401, 'Unauthorized'), answer(200, mine), refusal(401, 'Unauthorized'));
  await own.kube.get(configMaps, at);
  assert.deepEqual(
    api.heard.map(({ headers }) => headers.authorization),
    ['Bearer canary-0', 'Bearer canary-1'],
  );
  assert.doesNotMatch((await failing(own.kube.get(configMaps, at))).message, /canary/);
  own.close();
});

test('a name that would leave its place is refused, unsent', async () => {
  for (const name of ['', '.', '..', 'a/b']) {
    await assert.rejects(kube.get(configMaps, { namespace: 'a', name }), /must be a name/);
    await assert.rejects(kube.get(configMaps, { namespace: name, name: 'x' }), /must be a name/);
  }
  assert.equal(api.heard.length, 0);
});
