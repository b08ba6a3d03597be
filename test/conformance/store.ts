/**
 * What every storage must do, whatever it is made of. `open` is given a directory of its own for each test and may be
 * called again on it after `close`; `persistent` says that what was acknowledged is then still there.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytes, keys, put, refusesWith, text, write } from './store-given.ts';
import type { OnStore, Open } from './store-given.ts';
import { commitConformance } from './store-commits.ts';
import { changesConformance } from './store-changes.ts';
import { copiesConformance } from './store-copies.ts';
import { modelConformance } from './store-model.ts';
import { sharedConformance } from './store-shared.ts';

/** Neighbours in byte order, in that order. */
const ordered = [
  '\u0000',
  '\u0001',
  ' ',
  '/',
  '0',
  'A',
  'a',
  'a\u0000',
  'a/',
  'a/b',
  'a0',
  'aa',
  '\u007f',
  '\u0080',
  'é',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
  '\u{10ffff}a',
];

const orderConformance = (on: OnStore): void => {
  on('keys come in the order of their UTF-8 bytes, those above U+FFFF after those below', async store => {
    await write(store, ...ordered.toReversed().map(key => put(key)));
    assert.deepEqual(await keys(store, ''), ordered);
    assert.deepEqual(
      ordered,
      ordered.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });
  on('every character is its own key, NUL and all other controls included', async store => {
    const all = Array.from({ length: 0x180 }, (_, unit) => `k${String.fromCodePoint(unit)}`);
    await write(store, ...all.map(key => put(key)));
    assert.deepEqual(await keys(store, 'k'), all);
    for (const key of all) assert.equal(text((await store.get(key))?.value ?? bytes('none')), key);
  });
  on('a prefix finds its keys and none beside them', async store => {
    await write(store, ...ordered.map(key => put(key)));
    for (const prefix of ordered) {
      assert.deepEqual(
        await keys(store, prefix),
        ordered.filter(key => key.startsWith(prefix)),
        JSON.stringify(prefix),
      );
    }
    assert.deepEqual(await keys(store, 'none'), []);
  });
};

const rangeConformance = (on: OnStore): void => {
  on('`after` is exclusive and need not exist, `limit` bounds, and pages join without gap or repeat', async store => {
    const all = Array.from({ length: 50 }, (_, i) => `p/${String(i * 2).padStart(3, '0')}`);
    await write(store, put('o'), put('q'), ...all.map(key => put(key)));
    const found: string[] = [];
    for (;;) {
      const after = found.at(-1);
      const page = await store.range('p/', { limit: 7, ...(after === undefined ? {} : { after }) });
      if (page.length === 0) break;
      assert.ok(page.length <= 7);
      found.push(...page.map(({ key }) => key));
    }
    assert.deepEqual(found, all);
    const ofAfter = async (after: string) => (await store.range('p/', { after, limit: 1 }))[0]?.key;
    assert.equal(await ofAfter('p/003'), 'p/004');
    assert.equal(await ofAfter('a'), 'p/000');
    assert.equal(await ofAfter('z'), undefined);
    assert.deepEqual(await store.range('p/', { limit: 0 }), []);
  });
  on('a range answers values with their revisions, and without values empty ones', async store => {
    await write(store, put('v/a', 'one'));
    await write(store, put('v/b', 'two'));
    assert.deepEqual(
      (await store.range('v/')).map(e => [e.key, text(e.value), e.revision]),
      [
        ['v/a', 'one', 1],
        ['v/b', 'two', 2],
      ],
    );
    assert.deepEqual(
      (await store.range('v/', { values: false })).map(e => [e.value.length, e.revision]),
      [
        [0, 1],
        [0, 2],
      ],
    );
  });
  on('at most 10,000 entries are answered at once', async store => {
    const all = Array.from({ length: 10_050 }, (_, i) => put(`n/${String(i).padStart(5, '0')}`, ''));
    await write(store, ...all);
    assert.equal((await store.range('n/', { values: false })).length, 10_000);
    assert.equal((await store.range('n/', { values: false, limit: 1_000_000 })).length, 10_000);
    assert.equal((await store.range('n/', { after: 'n/09999' })).length, 50);
  });
};

const limitConformance = (on: OnStore): void => {
  on(
    'keys that are empty, ill-formed or over 1,024 bytes are refused, and nothing of their commit is written',
    async store => {
      for (const key of ['', '\ud800', 'x'.repeat(1_025), 'é'.repeat(513)]) {
        await assert.rejects(write(store, put('mate'), put(key)), refusesWith('invalid_request'));
        await assert.rejects(async () => store.get(key), refusesWith('invalid_request'));
      }
      assert.equal(await store.get('mate'), undefined);
      assert.equal(await store.head(), 0);
      for (const key of ['x'.repeat(1_024), 'é'.repeat(512)]) {
        await write(store, put(key));
        assert.deepEqual(await keys(store, key), [key]);
      }
    },
  );
  on('values of no bytes and of 32 MiB come back whole; a longer one is refused', async store => {
    const big = Buffer.alloc(33_554_432, 'coffer');
    await write(store, { key: 'empty', value: new Uint8Array(0) }, { key: 'big', value: big });
    assert.equal((await store.get('empty'))?.value.length, 0);
    assert.ok(big.equals((await store.get('big'))?.value ?? new Uint8Array(0)));
    await assert.rejects(write(store, { key: 'k', value: Buffer.alloc(33_554_433) }), refusesWith('invalid_request'));
  });
  on('all byte values come back as they went in', async store => {
    const all = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff);
    await write(store, { key: 'k', value: all });
    assert.deepEqual(Buffer.from((await store.get('k'))?.value ?? []), Buffer.from(all));
  });
  on('changing a value handed in or out changes nothing stored', async store => {
    const value = bytes('kept');
    const done = write(store, { key: 'k', value });
    value.fill(0);
    await done;
    (await store.get('k'))?.value.fill(0);
    (await store.range('k'))[0]?.value.fill(0);
    assert.equal(text((await store.get('k'))?.value ?? bytes('')), 'kept');
  });
};

const onFresh =
  (name: string, open: Open): OnStore =>
  (title, body) => {
    test(`${name}: ${title}`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'coffer-store-'));
      const store = await open(directory);
      try {
        await body(store, { directory, open });
      } finally {
        await store.close();
        rmSync(directory, { recursive: true });
      }
    });
  };

export const storeConformance = (name: string, open: Open, persistent: boolean): void => {
  const on = onFresh(name, open);
  for (const part of [orderConformance, rangeConformance, limitConformance]) part(on);
  commitConformance(on, persistent);
  changesConformance(on);
  modelConformance(on, persistent);
  copiesConformance(on, persistent);
};

/** Beside it, for a storage that several nodes open at the same time. */
export const sharedStoreConformance = (name: string, open: Open): void => sharedConformance(onFresh(name, open));
