import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../contracts/kube.ts';
import type { Log } from '../../../contracts/log.ts';
import { ObjectCache } from '../object-cache.ts';
import { type SeenStore, seenStore } from './seen-store.ts';
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
  const seen = new ObjectCache<SeenStore>();
  const said: string[] = [];
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 't' }, data: { token: 'eA==' } };
  const provider = {
    read: async () => undefined,
    readAll: async () => undefined,
    check: async () => {},
    close: async () => {},
  };
  const stores = new Stores({
    kube: { get: async () => secret, ask: () => assert.fail('nothing is asked') },
    log,
    seen,
    opener: { open: () => provider, ownToken: undefined },
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
  return { said, work };
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
