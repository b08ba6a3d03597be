import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, KubeReader, Resource, Selection, WatchEvent } from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import { realClock } from '../../platform/clock/real.ts';
import { refused } from '../../platform/kube/error.ts';
import { realRandom } from '../../platform/random/real.ts';
import { Known } from './known.ts';
import { followAll } from './watches.ts';

const log: Log = { write: () => undefined, with: () => log };
const expired = refused({ status: 410, body: undefined }, { what: 'watch', secret: false });
const object = (kind: string, metadata: KubeObject['metadata'], more: object = {}): KubeObject => ({
  apiVersion: kind === 'ExternalSecret' ? 'external-secrets.io/v1' : 'v1',
  kind,
  metadata,
  ...more,
});
const wants = object(
  'ExternalSecret',
  { namespace: 'shop', name: 'db', uid: 'es', generation: 1, resourceVersion: '3' },
  {
    spec: {
      secretStoreRef: { name: 'wide', kind: 'ClusterSecretStore' },
      data: [{ secretKey: 'a', remoteRef: { key: 'a' } }],
    },
  },
);
const secret = (resourceVersion: string): KubeObject =>
  object('Secret', { namespace: 'shop', name: 'db', uid: 's', resourceVersion });

/** An API server that is faked: one ExternalSecret, and for one resource a script of watches. */
const play = async (plural: string, watches: readonly (() => WatchEvent | Error)[]) => {
  const aborter = new AbortController();
  const known = new Known();
  const looked: string[] = [];
  let version = 10;
  const left = [...watches];
  const reader: Pick<KubeReader, 'list' | 'watch'> = {
    list: async (resource: Resource) => {
      version += 10;
      return { resourceVersion: String(version), items: resource.plural === 'externalsecrets' ? [wants] : [] };
    },
    watch: async function* (resource: Resource, _: Selection, signal: AbortSignal) {
      const next = resource.plural === plural ? left.shift()?.() : undefined;
      if (next instanceof Error) throw next;
      if (next !== undefined) yield next;
      else if (resource.plural === plural) aborter.abort();
      else await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
    },
  };
  const lookers = { externalSecret: (key: string) => looked.push(key), gone: () => {}, store: () => {} };
  const around = { reader, clock: realClock(), random: realRandom(), log };
  const all = followAll({ known, lookers, namespace: undefined }, around, aborter.signal);
  return { known, looked, all };
};

test('a Secret that we made while nothing was told, and that was deleted then, is missed at the next list', async () => {
  const { known, looked, all } = await play('secrets', [
    () => {
      known.putSecret('shop/db', known.seeSecret(secret('25')), 'answer');
      looked.length = 0;
      return expired;
    },
  ]);
  await all.ended;
  assert.equal(known.secrets.get('shop/db'), undefined);
  assert.deepEqual(looked, ['shop/db']);
});

test('one that we made after that list stays', async () => {
  const { known, all } = await play('secrets', [
    () => {
      known.putSecret('shop/db', known.seeSecret(secret('99')), 'answer');
      return expired;
    },
  ]);
  await all.ended;
  assert.equal(known.secrets.get('shop/db')?.resourceVersion, '99');
});

test('where a namespace becomes known, who is in it looks again which stores it may use', async () => {
  const { looked, all } = await play('namespaces', [
    () => {
      looked.length = 0;
      return {
        type: 'added',
        object: object('Namespace', { name: 'shop', resourceVersion: '30', labels: { a: 'b' } }),
      };
    },
  ]);
  await all.ended;
  assert.deepEqual(looked, ['shop/db']);
});
