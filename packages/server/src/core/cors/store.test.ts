import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MountStorage } from '../../contracts/engine.ts';
import { CorsStore } from './store.ts';

test('a change that becomes durable while the store is sealed is not put in force', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const storage: MountStorage = {
    get: () => undefined,
    range: async () => [],
    commit: async () => {
      await promise;
      return { ok: true, revision: 1 };
    },
  };
  const cors = new CorsStore(storage);
  await cors.load();
  const changed = cors.put({ origins: ['https://a.example'], headers: [], credentials: false });
  await Promise.resolve();
  cors.unload();
  resolve();
  await changed;
  assert.equal(cors.current, undefined);
});
