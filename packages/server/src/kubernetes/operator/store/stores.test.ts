import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../contracts/kube.ts';
import type { Log } from '../../../contracts/log.ts';
import { ObjectCache } from '../object-cache.ts';
import { type SeenStore, seenStore } from './seen-store.ts';
import { storeKey } from './store-key.ts';
import { Stores } from './stores.ts';

const log: Log = { write: () => undefined, with: () => log };
const key = 'SecretStore/shop/coffer';

const manifest = (generation: number, spec: object): KubeObject => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'SecretStore',
  metadata: { name: 'coffer', namespace: 'shop', uid: 'u', generation, resourceVersion: String(generation) },
  spec,
});
const vault = (more: object = {}) => ({
  provider: { vault: { server: 'https://store', auth: { tokenSecretRef: { name: 't', key: 'token' } }, ...more } },
});

/** A cluster that is faked, with the one Secret in it, and a store that always works and tells of nothing. */
const bed = () => {
  let open = 0;
  const retries: (number | undefined)[] = [];
  const seen = new ObjectCache<SeenStore>();
  const said: string[] = [];
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 't' }, data: { token: 'eA==' } };
  const provider = {
    read: async () => undefined,
    readAll: async () => undefined,
    check: async () => {},
    close: async () => void (open -= 1),
  };
  const stores = new Stores({
    kube: { get: async () => secret, ask: () => assert.fail('nothing is asked') },
    log,
    seen,
    opener: {
      open: settings => {
        open += 1;
        retries.push(settings.retries);
        return provider;
      },
      ownToken: undefined,
    },
    hearer: { told: () => {}, missed: () => said.push('missed'), turned: () => said.push('turned') },
    controllerClass: 'default',
    requeueMs: 300_000,
    again: () => {},
    publish: async (_, { reason }) => void said.push(reason),
  });
  const work = (generation: number, spec: object) => {
    seen.put(key, seenStore('SecretStore')(manifest(generation, spec)));
    return stores.work(key);
  };
  return { said, retries, work, seen, stores, open: () => open };
};

test('a store that is set up in another way has to be read anew, also where it tells of no changes', async () => {
  const { said, work } = bed();
  await work(1, vault());
  await work(1, vault());
  assert.deepEqual(said.splice(0), ['turned', 'Valid', 'Valid']);
  await work(2, vault({ path: 'other' }));
  assert.deepEqual(said, ['missed', 'Valid']);
});

test('a store of another class is passed over, also where its settings cannot be read here', async () => {
  const { said, work } = bed();
  assert.equal(await work(1, { controller: 'other', provider: { vault: { server: 5 } } }), 'done');
  assert.deepEqual(said, ['turned']);
});

test('however short its interval, a store is checked once a second at most', async () => {
  const { work } = bed();
  assert.deepEqual(await work(1, { ...vault(), refreshInterval: '1ms' }), { afterMs: 1000 });
  assert.deepEqual(await work(2, { ...vault(), refreshInterval: 0 }), { afterMs: 300_000 });
});

test('a cluster store is open for a namespace as long as somebody there reads from it', async () => {
  const { stores, seen, open } = bed();
  const name = { kind: 'ClusterSecretStore', namespace: '', name: 'wide' } as const;
  const wide = { ...manifest(1, vault()), kind: 'ClusterSecretStore', metadata: { name: 'wide', generation: 1 } };
  seen.put(storeKey(name), seenStore('ClusterSecretStore')(wide));
  await stores.work(storeKey(name));
  for (const reader of ['shop/a', 'shop/b', 'else/a'])
    (await stores.opened(name, reader.split('/')[0] ?? '')).reads(reader, [{ key: 'x' }]);
  assert.equal(open(), 2);
  stores.forgetReader('shop/a');
  assert.equal(open(), 2);
  stores.forgetReader('shop/b');
  await Promise.resolve();
  assert.equal(open(), 1);
});

test('a failed request is tried again as often as the manifest says, within reason', async () => {
  const { work, retries } = bed();
  await work(1, vault());
  await work(2, { ...vault(), retrySettings: { maxRetries: 3 } });
  await work(3, { ...vault(), retrySettings: { maxRetries: 1_000_000, retryInterval: '10s' } });
  assert.deepEqual(retries, [undefined, 3, 10]);
});
