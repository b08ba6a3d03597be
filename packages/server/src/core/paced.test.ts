import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryMount } from '../../../../test/conformance/engine-bed.ts';
import { paced } from './paced.ts';

test('S13: a long read gives the event loop back, a short one does not wait for it', async () => {
  const mount = new MemoryMount();
  const writes = Array.from({ length: 500 }, (_, index) => ({ key: `k${index}`, value: Uint8Array.of(1) }));
  await mount.commit({ writes });
  const storage = paced(mount);
  const turnsDuring = async (limit: number): Promise<boolean> => {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    assert.equal((await storage.range('k', { limit })).length, limit);
    return turned;
  };
  assert.deepEqual([await turnsDuring(16), await turnsDuring(500)], [false, true]);
});

test('what an entry is asked for beside goes through', () => {
  const beside = { value: new Uint8Array(0), revision: 1, memo: undefined };
  const mount = new MemoryMount();
  const asked: unknown[] = [];
  const storage = paced({
    get: (...given) => void asked.push(given),
    range: (prefix, options) => mount.range(prefix, options),
    commit: changes => mount.commit(changes),
  });
  void storage.get('a', beside);
  assert.deepEqual(asked, [['a', beside]]);
});
