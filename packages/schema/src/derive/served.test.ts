import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parametersOf, templatesOf } from './served.ts';

test('a path becomes a template; an optional parameter makes two of it', () => {
  assert.deepEqual(templatesOf('mounts/:path*/tune'), ['mounts/{path}/tune']);
  assert.deepEqual(templatesOf('a/:b?'), ['a', 'a/{b}']);
  assert.deepEqual(templatesOf('a/:b*?'), ['a', 'a/{b}']);
  assert.deepEqual(templatesOf(''), ['']);
});

test('the parameters of a path are known by name, rest and presence', () => {
  assert.deepEqual(parametersOf(':a/b/:c*?'), [
    { name: 'a', rest: false, optional: false },
    { name: 'c', rest: true, optional: true },
  ]);
});
