import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, ObjectMeta } from '../../contracts/kube.ts';
import { Known } from './known.ts';

const externalSecret = (metadata: Partial<ObjectMeta>, target: string): KubeObject => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { namespace: 'shop', name: 'db', uid: 'one', generation: 1, resourceVersion: '5', ...metadata },
  spec: {
    secretStoreRef: { name: 'coffer' },
    target: { name: target },
    data: [{ secretKey: 'a', remoteRef: { key: 'a' } }],
  },
});

const secret = (resourceVersion: string, value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name: 'db', uid: 'two', resourceVersion },
  data: { password: Buffer.from(value).toString('base64') },
});

const knowing = (object: KubeObject): Known => {
  const known = new Known();
  known.putExternalSecret('shop/db', known.seeExternalSecret(object));
  return known;
};

test('an object that is known at this very version is not looked through again', () => {
  const object = externalSecret({}, 'db');
  const known = knowing(object);
  assert.equal(known.seeExternalSecret(object), known.externalSecrets.get('shop/db'));
  known.putSecret('shop/db', known.seeSecret(secret('7', 'a')));
  assert.equal(known.seeSecret(secret('7', 'a')), known.secrets.get('shop/db'));
  assert.notEqual(known.seeSecret(secret('8', 'b')).hash, known.secrets.get('shop/db')?.hash);
});

test('a status that changed leaves the spec as it was read', () => {
  const known = knowing(externalSecret({}, 'db'));
  const status = { conditions: [{ type: 'Ready', status: 'True' }] };
  const seen = known.seeExternalSecret({ ...externalSecret({ resourceVersion: '6' }, 'db'), status });
  assert.deepEqual(seen.object['status'], status);
  assert.equal(seen.read, known.externalSecrets.get('shop/db')?.read);
  known.putExternalSecret('shop/db', seen);
  assert.deepEqual(known.writersOf('shop/db'), ['shop/db']);
});

test('a spec is read anew with another generation, and of another object of the same name', () => {
  for (const other of [{ generation: 2 }, { uid: 'three' }, { generation: undefined as never }]) {
    const known = knowing(externalSecret({}, 'db'));
    known.putExternalSecret(
      'shop/db',
      known.seeExternalSecret(externalSecret({ resourceVersion: '6', ...other }, 'new')),
    );
    assert.deepEqual([known.writersOf('shop/new'), known.writersOf('shop/db')], [['shop/db'], []]);
  }
});
