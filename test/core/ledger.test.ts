/**
 * S26: single records are put back to an earlier state, or removed, by somebody who has the storage and none of its keys, while
 * the rest of the store is as new as it was.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChangeEvent, untoldType } from '@coffer/server/contracts/storage.ts';
import { openBed } from './bed.ts';
import {
  type Made,
  begin,
  restart,
  allOf,
  attack,
  put,
  valueOf,
  statusOf,
  codeIn,
  logs,
  changedBetween,
  history,
  lagMs,
} from './ledger-bed.ts';

const roads: readonly [name: string, open: (made: Made) => Promise<Made>][] = [
  ['while the server runs', async made => made],
  [
    'after a seal',
    async made => {
      await made.bed.core.seal.seal();
      return restart(made, { cacheBytes: 0 });
    },
  ],
  [
    'after a crash behind a mark',
    async made => {
      await made.clock.advance(lagMs);
      return restart(made, { cacheBytes: 0 });
    },
  ],
];

for (const [name, open] of roads) {
  test(`S26: a record that was put back is not served, ${name}`, async () => {
    const made = await begin({ cacheBytes: 0 });
    const { before, after } = await history(made);
    const opened = await open(made);
    let found = 0;
    for (const key of changedBetween(before, after)) {
      if (key.includes('/token/') || key.includes('/audit/') || key.includes('/node')) continue;
      await attack(opened.store, [{ key, value: before.get(key) }]);
      const answers: unknown[] = [await valueOf(opened, 'a'), await valueOf(opened, 'gone')];
      assert.ok(
        answers.every(answer => answer === 500 || answer === 'second' || answer === 404),
        `${key}: ${answers.join()}`,
      );
      if (answers.includes(500)) found++;
      await attack(opened.store, [{ key, value: after.get(key) }]);
      assert.deepEqual([await valueOf(opened, 'a'), await valueOf(opened, 'gone')], ['second', 404]);
    }
    assert.ok(found >= 2, `${found} of them are read`);
    assert.equal(await valueOf(opened, 'kept'), 'kept');
    assert.ok(logs(opened, 'is not the one that was written last'));
    assert.ok(logs(opened, 'it was put back'));
  });

  test(`S26: a record that was taken away is missed, ${name}`, async () => {
    const made = await begin({ cacheBytes: 0 });
    const { after } = await history(made);
    const opened = await open(made);
    const own = [...after.keys()].filter(key => key.startsWith('1/root/') && !key.startsWith('1/root/core/'));
    let found = 0;
    for (const key of own) {
      await attack(opened.store, [{ key, value: undefined }]);
      const answers: unknown[] = [await valueOf(opened, 'a'), await valueOf(opened, 'kept')];
      assert.ok(!answers.includes(404), `${key}: ${answers.join()}`);
      if (answers.includes(500)) found++;
      await attack(opened.store, [{ key, value: after.get(key) }]);
    }
    assert.ok(found >= 4, `${found} of ${own.length}`);
    assert.deepEqual([await valueOf(opened, 'a'), await valueOf(opened, 'kept')], ['second', 'kept']);
  });
}

test('what nobody reads is found by the walk, and served as it is once that was accepted', async () => {
  const made = await begin({ cacheBytes: 0 });
  const { before, after } = await history(made);
  const own = (key: string): boolean => !key.startsWith('1/root/core/');
  const back = changedBetween(before, after).filter(key => own(key) && after.has(key) && before.has(key));
  const lost = [...after.keys()].find(
    key => key.startsWith('1/root/') && own(key) && before.has(key) && !back.includes(key),
  );
  assert.ok(back.length > 0 && lost !== undefined);
  await made.clock.advance(lagMs);
  assert.equal((await statusOf(made)).walks, 1);
  assert.deepEqual([(await statusOf(made)).refused, (await statusOf(made)).missing], [0, 0]);
  await attack(made.store, [...back.map(key => ({ key, value: before.get(key) })), { key: lost, value: undefined }]);
  assert.equal((await made.bed.root('POST', 'sys/anchor/accept', { code: '00000000' })).status, 400);
  for (let hour = 0; hour < 2; hour++) await made.clock.advance(3_600_000);
  const { refused, missing, doubt } = await statusOf(made);
  assert.deepEqual([refused, missing, doubt], [back.length, 1, '']);
  assert.ok(logs(made, 'stored records are gone, and nobody removed them'));
  assert.equal((await made.bed.root('POST', 'sys/anchor/accept', { code: 'deadbeef' })).status, 400);
  assert.equal((await made.bed.root('POST', 'sys/anchor/accept', { code: codeIn(made) })).status, 204);
  assert.equal(await valueOf(made, 'a'), 'first');
  assert.deepEqual([(await statusOf(made)).refused, (await statusOf(made)).missing], [0, 0]);
  assert.equal((await made.bed.root('POST', 'sys/anchor/accept', { code: codeIn(made) })).status, 400);
  await made.bed.core.seal.seal();
  const again = await restart(made);
  assert.equal(await valueOf(again, 'a'), 'first');
  assert.equal((await statusOf(again)).doubt, '');
});

test('S26: what was written last before a crash cannot be an excuse for other records', async () => {
  const made = await begin();
  const { before, after } = await history(made);
  await made.clock.advance(lagMs);
  await put(made, 'other', 'x');
  const [key] = changedBetween(before, after).filter(
    one => !one.startsWith('1/root/core/') && before.has(one) && after.has(one),
  );
  const own = [...after.keys()].filter(one => one.startsWith('1/root/') && !one.startsWith('1/root/core/'));
  assert.ok(key !== undefined);
  // It stands in the change log that these were changed after the mark.
  await attack(made.store, [{ key, value: before.get(key) }]);
  const lost = own.find(one => one !== key && before.has(one) && after.has(one)) ?? '';
  // And even in the words of a commit that did remove something.
  const ends = new AbortController();
  let told: ChangeEvent | undefined;
  const head = await made.store.head();
  for await (const change of made.store.changes(0, ends.signal)) {
    if ('compacted' in change) continue;
    told = change.events.find(({ type }) => type === untoldType) ?? told;
    if (change.revision === head) break;
  }
  ends.abort();
  assert.ok(told !== undefined);
  const forged = told.payload.slice();
  forged.fill(0xff, 8, 16);
  await attack(made.store, [{ key: lost, value: undefined }], [told, { type: untoldType, payload: forged }]);
  await attack(made.store, [{ key: lost, value: undefined }], [{ type: untoldType, payload: forged }]);
  await attack(made.store, [{ key: lost, value: undefined }], [{ type: untoldType, payload: Uint8Array.of(1, 2, 3) }]);
  const opened = await restart(made);
  assert.equal(await valueOf(opened, 'a'), 500);
  assert.equal(await valueOf(opened, 'other'), 'x');
  await opened.clock.advance(lagMs);
  const { refused, missing } = await statusOf(opened);
  assert.deepEqual([refused, missing], [1, 1]);
});

test('S26: the ledger itself, put back, cut off or taken away, closes the store until that is accepted', async () => {
  const before = await begin();
  await put(before, 'a', 'first');
  await before.bed.core.seal.seal();
  const first = await allOf(before.store);
  const made = await restart(before);
  for (let page = 0; page < 3; page++) {
    await put(made, 'a', `${page}`);
    await made.clock.advance(lagMs);
  }
  await made.bed.core.seal.seal();
  const last = await allOf(made.store);
  const parts = [...last.keys()].filter(key => key.includes('/anchor/ledger/'));
  assert.ok(parts.some(key => key.includes('/page/')) && parts.some(key => key.includes('/bucket/')));
  for (const key of parts) {
    for (const value of [undefined, first.get(key)]) {
      if (value !== undefined && Buffer.compare(value, last.get(key) ?? Buffer.of()) === 0) continue;
      await attack(made.store, [{ key, value }]);
      const opened = await restart(made);
      assert.equal(await valueOf(opened, 'a'), 503, key);
      assert.match((await statusOf(opened)).doubt, /the ledger of all records is not what it was/);
      await opened.bed.core.seal.seal();
      await attack(made.store, [{ key, value: last.get(key) }]);
    }
  }
  await attack(made.store, [{ key: parts[0] ?? '', value: undefined }]);
  const opened = await restart(made);
  assert.equal((await opened.bed.root('POST', 'sys/anchor/accept', { code: codeIn(opened) })).status, 204);
  assert.equal(await valueOf(opened, 'a'), '2');
  await opened.bed.core.seal.seal();
  assert.equal(await valueOf(await restart(opened), 'a'), '2');
});

test('a snapshot that is restored is no attack: its records are taken as they are, and nothing else afterwards', async () => {
  const made = await begin({ cacheBytes: 0 });
  await put(made, 'a', 'first');
  const snapshot = (await made.bed.root('GET', 'sys/storage/raft/snapshot')).body;
  const { before } = await history(made);
  const restored = made.bed.ask('POST', 'sys/storage/raft/snapshot', { token: made.rootToken, raw: snapshot });
  const read = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      const answer: unknown = await valueOf(made, 'a');
      assert.ok(answer === 'first' || answer === 'second' || answer === 503, String(answer));
    }
  };
  await Promise.all([restored, read()]);
  assert.ok((await restored).status < 300);
  assert.ok(!logs(made, 'a stored record'));
  const opened = await restart(made, { cacheBytes: 0 });
  assert.equal(await valueOf(opened, 'a'), 'first');
  assert.equal((await statusOf(opened)).doubt, '');
  await put(opened, 'a', 'third');
  const kept = [...before.keys()].filter(key => !key.startsWith('1/root/core/') && opened.store.get(key) !== undefined);
  const now = await allOf(opened.store);
  const [key] = kept.filter(
    one =>
      Buffer.compare(now.get(one) ?? Buffer.of(), before.get(one) ?? Buffer.of()) !== 0 && one.startsWith('1/root/'),
  );
  assert.ok(key !== undefined);
  await attack(opened.store, [{ key, value: before.get(key) }]);
  assert.equal(await valueOf(opened, 'a'), 500);
});

test('S26: a mount whose record was put back is not served, and all others are; it is once that was accepted', async () => {
  const made = await begin();
  await put(made, 'a', 'first');
  const before = await allOf(made.store);
  assert.equal((await made.bed.root('POST', 'sys/mounts/secret/tune', { description: 'other' })).status, 204);
  const key = changedBetween(before, await allOf(made.store)).find(one => one.includes('/core/mount/')) ?? '';
  await made.bed.core.seal.seal();
  await attack(made.store, [{ key, value: before.get(key) }]);
  const opened = await restart(made);
  assert.ok(logs(opened, 'a mount cannot be served'));
  assert.equal(await valueOf(opened, 'a'), 404);
  assert.equal((await opened.bed.root('GET', 'cubbyhole/x')).status, 404);
  assert.equal((await opened.bed.root('POST', 'sys/anchor/accept', { code: codeIn(opened) })).status, 204);
  await opened.bed.core.seal.seal();
  assert.equal(await valueOf(await restart(opened), 'a'), 'first');
});

test('S26: a store does not open without a record that it needs; without the anchor it opens as it is', async () => {
  const made = await begin();
  await made.bed.core.seal.seal();
  const key = '1/root/core/token/salt';
  const value = (await allOf(made.store)).get(key);
  assert.ok(value !== undefined);
  await attack(made.store, [{ key, value: undefined }]);
  await assert.rejects(restart(made), /is gone, and nobody removed it/);
  await attack(made.store, [{ key, value }]);
  await attack(made.store, [{ key: '1/root/core/token/batch-key', value: undefined }]);
  const without = await openBed({ storage: made.store, closed: true });
  for (const one of made.keys) await without.core.seal.submitKey(one);
  assert.equal(without.core.seal.sealed, false);
  await without.core.seal.seal();
  assert.equal((await statusOf(await restart(made))).doubt, '');
});
