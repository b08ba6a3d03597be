import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed } from '../../../../../test/core/bed.ts';
import { TokenAccessors } from './accessors.ts';

test('while the salt is read anew, tokens are known by the one there is', async () => {
  const { core } = await openBed();
  const reading = Promise.withResolvers<void>();
  const accessors = new TokenAccessors(core.storage, core.random);
  await accessors.load();
  const before = accessors.of('a token');
  const { get } = core.storage;
  const slow = { ...core.storage, get: async (key: string) => (await reading.promise, get(key)) };
  const again = new TokenAccessors(slow, core.random);
  reading.resolve();
  await again.load();
  const later = Promise.withResolvers<void>();
  Object.assign(slow, { get: async (key: string) => (await later.promise, get(key)) });
  const loading = again.load();
  assert.equal(again.of('another token'), accessors.of('another token'));
  later.resolve();
  await loading;
  assert.equal(again.of('a token'), before);
});
