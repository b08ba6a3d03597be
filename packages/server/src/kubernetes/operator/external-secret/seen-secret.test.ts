import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { dataHash } from '../go-text.ts';
import { dataOf, seenSecret } from './seen-secret.ts';

const canary = 'canary-value';
const entry = (operation: 'Apply' | 'Update', data: object) => ({
  manager: 'externalsecrets.external-secrets.io/db',
  operation,
  fieldsV1: { 'f:data': data, 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:annotations': {} } },
});

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'db',
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '7',
    labels: { app: 'x' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"stringData":{"a":"${canary}"}}` },
    managedFields: [
      entry('Update', { '.': {}, 'f:a': {} }),
      entry('Apply', { 'f:a': {}, 'f:b': {} }),
      { ...entry('Update', { 'f:c': {} }), manager: 'kubectl-edit' },
    ],
  },
  data: { a: Buffer.from(canary).toString('base64'), b: '', c: 'aGk=' },
};

test('of a Secret names and a hash are kept, and no value', () => {
  const seen = seenSecret(secret);
  assert.deepEqual(seen.keys, ['a', 'b', 'c']);
  assert.equal(seen.hash, dataHash(dataOf(secret)));
  assert.equal(seen.type, 'Opaque');
  assert.equal(seen.immutable, false);
  const shown = inspect(seen, { depth: 10 });
  for (const form of [canary, secret.data.a, Buffer.from(canary).toString('hex')])
    assert.equal(shown.includes(form), false);
});

test('what one ExternalSecret has set is known, by updates and by apply; what others set is not its own', () => {
  const own = seenSecret(secret).own;
  assert.deepEqual([...own.keys()], ['externalsecrets.external-secrets.io/db']);
  const fields = own.get('externalsecrets.external-secrets.io/db');
  assert.deepEqual(fields?.data.toSorted(), ['a', 'b']);
  assert.deepEqual(fields?.labels, ['app']);
});

test('a Secret without data, labels or owners is one', () => {
  const bare = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } };
  const seen = seenSecret(bare);
  assert.deepEqual([seen.keys, seen.owners, seen.own.size, seen.labels.size], [[], [], 0, 0]);
  const odd = {
    ...bare,
    data: null,
    metadata: {
      name: 'x',
      managedFields: [
        { manager: 'externalsecrets.external-secrets.io/x', operation: 'Update' as const, fieldsV1: ['odd'] },
      ],
    },
  };
  assert.deepEqual(seenSecret(odd).keys, []);
});
