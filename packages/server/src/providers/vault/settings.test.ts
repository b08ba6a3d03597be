import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@coffer/schema/secret.ts';
import { tlsOptions } from './settings.ts';

test('certificates are handed on as text, and only those that were given', () => {
  assert.deepEqual(tlsOptions({}), {});
  assert.deepEqual(tlsOptions({ caBundle: new TextEncoder().encode('ca') }), { authorities: ['ca'] });
  assert.deepEqual(tlsOptions({ certificate: Secret.of('c'), key: Secret.of('k') }), { certificate: 'c', key: 'k' });
});
