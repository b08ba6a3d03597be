import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Kube, KubeObject, MergePatch, ObjectAt, Resource } from '../../../contracts/kube.ts';
import { refused } from '../../../platform/kube/error.ts';
import { Known } from '../known.ts';
import { OpenedStore } from '../store/opened-store.ts';
import { ExternalSecrets } from './external-secrets.ts';
import { Mends } from './mends.ts';
import { Renderer } from './render.ts';
import { seenExternalSecret } from './seen-external-secret.ts';
import { Told } from './told.ts';

const hourMs = 3_600_000;

/** An API server that is faked: objects in a map, and failures that are wished for. */
class FakeKube {
  readonly objects = new Map<string, KubeObject>();
  readonly calls: string[] = [];
  failing = 0;
  /** Called with each call before it is answered. */
  before: (call: string) => void = () => {};
  #version = 100;

  readonly #keyOf = (resource: Resource, { namespace = '', name }: ObjectAt): string =>
    `${resource.plural}/${namespace}/${name}`;

  #called(call: string): void {
    this.calls.push(call);
    this.before(call);
    if (this.failing === 0) return;
    this.failing -= 1;
    throw new CofferError('unreachable', 'the API server is not there');
  }

  #put(key: string, object: KubeObject): KubeObject {
    this.#version += 1;
    const uid = object.metadata.uid ?? `uid-${this.#version}`;
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(this.#version) } };
    this.objects.set(key, stored);
    return stored;
  }

  put(resource: Resource, object: KubeObject): KubeObject {
    return this.#put(this.#keyOf(resource, object.metadata), object);
  }

  get kube(): Kube {
    return {
      get: async (resource: Resource, at: ObjectAt) => {
        this.#called(`get ${resource.plural}`);
        return this.objects.get(this.#keyOf(resource, at));
      },
      create: async (resource: Resource, object: KubeObject) => {
        this.#called(`create ${resource.plural}`);
        return this.put(resource, object);
      },
      mergePatch: async (resource: Resource, at: ObjectAt, { patch, subresource }: MergePatch) => {
        this.#called(`patch ${resource.plural}${subresource === undefined ? '' : `/${subresource}`}`);
        const key = this.#keyOf(resource, at);
        return this.#put(key, merged(this.objects.get(key), patch) as KubeObject);
      },
      remove: async (resource: Resource, at: ObjectAt) => {
        this.#called(`remove ${at.name}`);
        return this.objects.delete(this.#keyOf(resource, at));
      },
    } as unknown as Kube;
  }
}

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386. */
const merged = (into: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch;
  const result: { [name: string]: unknown } = isObject(into) ? { ...into } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
};

const resource: Resource = {
  group: 'external-secrets.io',
  version: 'v1',
  plural: 'externalsecrets',
  kind: 'ExternalSecret',
  namespaced: true,
};

const manifest: KubeObject = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'db', namespace: 'shop', uid: 'uid-es', generation: 1 },
  spec: {
    secretStoreRef: { name: 'coffer' },
    refreshInterval: '1h',
    data: [{ secretKey: 'password', remoteRef: { key: 'team/db', property: 'password' } }],
  },
};

/** One ExternalSecret, a faked API server, and a store that answers what `bed.value` is. */
const makeBed = () => {
  const fake = new FakeKube();
  const known = new Known();
  const told = new Told();
  const bed = {
    value: 'one',
    nowMs: Date.UTC(2026, 0, 1),
    events: [] as string[],
    /** Milliseconds that the store takes. */
    slowMs: 0,
    failure: undefined as CofferError | undefined,
  };
  const provider = {
    read: async () => {
      bed.nowMs += bed.slowMs;
      if (bed.failure !== undefined) throw bed.failure;
      return Secret.of(bed.value);
    },
    readAll: async () => new Map(),
    check: async () => {},
    close: async () => {},
  };
  const hearer = { told: () => {}, missed: () => {}, turned: () => {} };
  const opened = new OpenedStore({ provider, fingerprint: '', hearer, fault: () => {} });
  const controller = new ExternalSecrets({
    kube: fake.kube,
    clock: { now: () => bed.nowMs, monotonic: () => bed.nowMs },
    known,
    told,
    mends: new Mends(),
    renderer: new Renderer(() => assert.fail('there is no template')),
    stores: {
      state: () => ({ kind: 'ready' }),
      refusal: () => undefined,
      opened: async () => opened,
      suspect: () => {},
    },
    record: (_, { reason }) => bed.events.push(reason),
    settled: () => {},
  });
  known.putExternalSecret('shop/db', seenExternalSecret(fake.put(resource, manifest)));
  const password = (): string | undefined => {
    const { data } = (fake.objects.get('secrets/shop/db') ?? {}) as { data?: { password: string } };
    return data === undefined ? undefined : Buffer.from(data.password, 'base64').toString();
  };
  return Object.assign(bed, { fake, known, told, controller, password, work: () => controller.work('shop/db') });
};

test('a Secret is made with one write and one of the status; after that there is nothing to do', async () => {
  const bed = makeBed();
  assert.deepEqual(await bed.work(), { afterMs: hourMs });
  assert.equal(bed.password(), 'one');
  assert.deepEqual(bed.fake.calls, ['create secrets', 'patch externalsecrets/status']);
  assert.deepEqual(bed.events, ['Created']);
  bed.nowMs += 60_000;
  assert.deepEqual(await bed.work(), { afterMs: hourMs - 60_000 });
  assert.equal(bed.fake.calls.length, 2);
});

test('what is told and found right costs the API server nothing', async () => {
  const bed = makeBed();
  await bed.work();
  bed.told.add('shop/db');
  bed.nowMs += 60_000;
  assert.deepEqual(await bed.work(), { afterMs: hourMs - 60_000 });
  assert.equal(bed.fake.calls.length, 2);
  assert.equal(bed.told.has('shop/db'), false);
});

for (let failures = 1; failures <= 3; failures++) {
  test(`a change that was told is not forgotten where the API server fails ${failures} times`, async () => {
    const bed = makeBed();
    await bed.work();
    bed.value = 'two';
    bed.told.add('shop/db');
    bed.fake.failing = failures;
    for (let tries = 0; tries < 4; tries++) await bed.work().catch(() => undefined);
    assert.equal(bed.password(), 'two');
    const { status } = bed.fake.objects.get('externalsecrets/shop/db') as unknown as {
      status: { conditions: { status: string }[] };
    };
    assert.equal(status.conditions[0]?.status, 'True');
  });
}

test('where the Secret is written and the status is not, the next try writes what is left', async () => {
  const bed = makeBed();
  const calls = bed.fake.calls;
  Object.defineProperty(calls, 'push', {
    value: (call: string): number => {
      if (call === 'patch externalsecrets/status' && !calls.includes(call)) bed.fake.failing = 1;
      return Array.prototype.push.call(calls, call);
    },
  });
  await assert.rejects(bed.work());
  assert.equal(bed.password(), 'one');
  assert.deepEqual(await bed.work(), { afterMs: hourMs });
  assert.deepEqual(calls, ['create secrets', 'patch externalsecrets/status', 'patch externalsecrets/status']);
});

const conflict = refused({ status: 409, body: undefined }, { what: 'patch', secret: true });

test('where somebody else was faster, the store is asked again before anything is written over that', async () => {
  const bed = makeBed();
  await bed.work();
  bed.value = 'two';
  bed.told.add('shop/db');
  bed.fake.before = call => {
    if (call !== 'patch secrets') return;
    bed.fake.before = () => {};
    // What another replica has read since, and written.
    bed.value = 'three';
    throw conflict;
  };
  await bed.work();
  assert.equal(bed.password(), 'three');
});

test('a failure is written once, however long the store takes to fail', async () => {
  const bed = makeBed();
  bed.failure = new CofferError('request_timeout', 'no answer');
  bed.slowMs = 30_000;
  for (let tries = 0; tries < 3; tries++) assert.equal(await bed.work(), 'failed');
  assert.deepEqual(bed.fake.calls, ['patch externalsecrets/status']);
  assert.deepEqual(bed.events, ['UpdateFailed']);
});

const retargeted = (spec: object): KubeObject => ({
  ...manifest,
  metadata: { ...manifest.metadata, generation: 2 },
  spec: { ...(manifest['spec'] as object), target: { name: 'other' }, ...spec },
});

test('another target name: the Secret of before goes once the new one is there, and not where none is made', async () => {
  for (const [spec, removed] of [
    [{}, ['remove db']],
    // There, and empty: nothing is made of it.
    [{ data: undefined, dataFrom: [{ extract: { key: 'team/db' } }] }, []],
  ] as const) {
    const bed = makeBed();
    await bed.work();
    bed.known.putExternalSecret('shop/db', seenExternalSecret(bed.fake.put(resource, retargeted(spec))));
    await bed.work();
    assert.deepEqual(
      bed.fake.calls.filter(call => call.startsWith('remove')),
      removed,
    );
  }
});

test('one that is made anew under its name meanwhile is not said to be in step', async () => {
  const bed = makeBed();
  bed.fake.before = call => {
    if (call !== 'create secrets') return;
    bed.fake.before = () => {};
    bed.fake.put(resource, { ...manifest, metadata: { ...manifest.metadata, uid: 'uid-anew' } });
  };
  assert.equal(await bed.work(), 'failed');
  assert.equal(bed.fake.objects.get('externalsecrets/shop/db')?.['status'], undefined);
  assert.deepEqual(bed.events, []);
  assert.deepEqual(await bed.work(), { afterMs: hourMs });
  assert.partialDeepStrictEqual(bed.fake.objects.get('secrets/shop/db')?.metadata.ownerReferences, [
    { uid: 'uid-anew' },
  ]);
});

test('an object that cannot be read says which field is wrong, and nothing is done', async () => {
  const bed = makeBed();
  const wrong = { ...manifest, metadata: { ...manifest.metadata, generation: 2 }, spec: { data: 'canary' } };
  bed.known.putExternalSecret('shop/db', seenExternalSecret(bed.fake.put(resource, wrong)));
  assert.equal(await bed.work(), 'done');
  const status = JSON.stringify(bed.fake.objects.get('externalsecrets/shop/db')?.['status']);
  assert.match(status, /spec\.data: expected/);
  assert.doesNotMatch(status, /canary/);
  assert.deepEqual(bed.fake.calls, ['patch externalsecrets/status']);
});

test('one that is gone has nothing to do', async () => {
  const bed = makeBed();
  assert.equal(await bed.controller.work('shop/none'), 'done');
  assert.deepEqual(bed.fake.calls, []);
});
