import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEnvironment } from './child-environment.ts';

test('a program gets back what the launcher changed for Node', () => {
  const seen = {
    A: '1',
    COFFER_CALLER_NODE_OPTIONS: '-r x',
    NODE_COMPILE_CACHE: '/c',
    COFFER_SET_NODE_COMPILE_CACHE: '1',
  };
  assert.deepEqual(childEnvironment(seen), { A: '1', NODE_OPTIONS: '-r x' });
});

test('a cache that the caller chose stays', () => {
  assert.deepEqual(childEnvironment({ NODE_COMPILE_CACHE: '/own' }), { NODE_COMPILE_CACHE: '/own' });
});
