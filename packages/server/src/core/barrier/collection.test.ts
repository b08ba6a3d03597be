import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MountStorage } from '../../contracts/engine.ts';
import { rangeLimit } from '../../contracts/storage.ts';
import { Collection } from './collection.ts';
import { plainShape } from './plain-shape.ts';

/** Keys in order, answered as storage does: at most one page. */
const storageOf = (keys: readonly string[]): MountStorage => ({
  get: () => undefined,
  commit: async () => ({ ok: true, revision: 1 }),
  range: async (prefix, { after = '', limit = rangeLimit } = {}) =>
    keys
      .filter(key => key.startsWith(prefix) && key > after)
      .slice(0, Math.min(limit, rangeLimit))
      .map(key => ({ key, revision: 1, entry: undefined })),
});

const many = Array.from({ length: rangeLimit * 2 + 1 }, (_, index) => `p/${String(index).padStart(6, '0')}`);

test('who asks for all records gets all of them, page after page', async () => {
  const all = new Collection(storageOf(['o/1', ...many, 'q/1']), 'p/', plainShape('thing'));
  assert.equal((await all.ids()).length, many.length);
  assert.deepEqual(await all.ids({ after: '020000' }), []);
  assert.deepEqual(await all.ids({ after: '019998', limit: 1 }), ['019999']);
  assert.equal((await all.ids({ limit: rangeLimit + 1 })).at(-1), '010000');
});

test('no records are an empty list', async () => {
  assert.deepEqual(await new Collection(storageOf([]), 'p/', plainShape('thing')).ids(), []);
});
