import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seenExternalSecret, wantedOf } from './seen-external-secret.ts';

const seenWith = (spec: object) =>
  seenExternalSecret({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'db', namespace: 'shop' },
    spec: { secretStoreRef: { name: 'x' }, dataFrom: [{ extract: { key: 'a' } }], ...spec },
  });

const intervalMs = (refreshInterval: string): number => {
  const seen = seenWith({ refreshInterval });
  return 'spec' in seen.read ? wantedOf(seen, seen.read.spec).refreshIntervalMs : -1;
};

test('however short the interval, the store is asked once a second at most; 0 is once', () => {
  assert.deepEqual(['0', '1ns', '300ms', '1s', '1h'].map(intervalMs), [0, 1000, 1000, 1000, 3_600_000]);
});
