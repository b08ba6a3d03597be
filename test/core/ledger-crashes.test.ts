/** The ledger where a process ends at any moment, where commits are refused, and over many marks: nothing of our own is ever refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Storage } from '@coffer/server/contracts/storage.ts';
import { type MemoryStorage, openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import { openBed, TestClock } from './bed.ts';
import {
  Place,
  type Made,
  anchorOf,
  begin,
  restart,
  type Records,
  allOf,
  attack,
  put,
  valueOf,
  statusOf,
  lagMs,
} from './ledger-bed.ts';

test('a crash at any moment leaves nothing that is refused, with a change log or without', async () => {
  for (const historyLimit of [100_000, 1]) {
    let made = await begin({}, historyLimit);
    for (let round = 0; round < 4; round++) {
      await put(made, 'a', `${round}`);
      await put(made, `new${round}`, `${round}`);
      if (round % 2 === 0) await made.clock.advance(lagMs);
      await put(made, 'a', `${round} again`);
      if (historyLimit > 1) {
        if (round % 2 === 0) await put(made, 'short', 'x');
        await made.clock.advance(lagMs);
        // There after the mark, or not: it is gone either way.
        assert.equal((await made.bed.root('DELETE', 'secret/metadata/short')).status, 204);
      }
      made = await restart(made);
      assert.equal(await valueOf(made, 'a'), `${round} again`, `${historyLimit} ${round}`);
      assert.equal(await valueOf(made, `new${round}`), `${round}`);
      assert.equal(await valueOf(made, 'short'), 404);
      await made.clock.advance(lagMs);
      const { refused, missing, walks } = await statusOf(made);
      assert.deepEqual([refused, missing, walks], [0, 0, 1]);
    }
  }
});

test('without an anchor there is no ledger; with the next anchor another is begun', async () => {
  const made = await begin();
  await put(made, 'a', 'first');
  await made.bed.core.seal.seal();
  const without = await openBed({ storage: made.store, closed: true });
  for (const key of made.keys) await without.core.seal.submitKey(key);
  const { status } = await without.ask('POST', 'secret/data/a', {
    token: made.rootToken,
    body: { data: { value: 'x' } },
  });
  assert.equal(status, 200);
  await without.core.seal.seal();
  const again = await restart(made);
  assert.equal(await valueOf(again, 'a'), 'x');
  assert.equal((await statusOf(again)).doubt, '');
});

test('many records and many marks: pages are folded into buckets, and the store opens with what they say', async () => {
  let made = await begin();
  const values = new Map<string, string>();
  let early: Records = new Map();
  for (let round = 0; round < 80; round++) {
    await Promise.all(
      Array.from({ length: 120 }, async (_, at) => {
        const path = `p${(round * 61 + at) % 1200}`;
        if (round % 3 === 2 && at % 4 === 0) {
          await made.bed.root('DELETE', `secret/metadata/${path}`);
          values.delete(path);
        } else {
          await put(made, path, `${round}`);
          values.set(path, `${round}`);
        }
      }),
    );
    await made.clock.advance(lagMs);
    if (round % 13 === 12) made = await restart(made);
    if (round === 50) early = await allOf(made.store);
  }
  await made.bed.core.seal.seal();
  const last = await allOf(made.store);
  let old = 0;
  for (const [key, value] of early) {
    if (!/\/(?:bucket\/[0-9a-f]+|head)$/.test(key) || Buffer.compare(value, last.get(key) ?? value) === 0) continue;
    if (old++ > 3 && !key.endsWith('/head')) continue;
    await attack(made.store, [{ key, value }]);
    const doubted = await restart(made);
    assert.match((await statusOf(doubted)).doubt, /earlier one/, key);
    await doubted.bed.core.seal.seal();
    await attack(made.store, [{ key, value: last.get(key) }]);
  }
  // All of it, as it was once.
  const all = new Set([...early.keys(), ...last.keys()].filter(key => key.includes('/anchor/ledger/')));
  await attack(
    made.store,
    [...all].map(key => ({ key, value: early.get(key) })),
  );
  const whole = await restart(made);
  assert.match((await statusOf(whole)).doubt, /its head is gone, or is an earlier one/);
  await whole.bed.core.seal.seal();
  await attack(
    made.store,
    [...all].map(key => ({ key, value: last.get(key) })),
  );
  assert.ok(old > 100, `${old} parts were laid down anew`);
  const pages = [...last.keys()].filter(key => key.includes('/page/'));
  assert.ok(pages.length < 35, `${pages.length} pages`);
  made = await restart(made);
  for (const [path, value] of values) assert.equal(await valueOf(made, path), value);
  for (let step = 0; step < 60; step++) await made.clock.advance(lagMs);
  const { refused, missing, walks, records } = await statusOf(made);
  assert.deepEqual([refused, missing, walks], [0, 0, 1]);
  const stored = [...(await allOf(made.store)).keys()].filter(
    key => key.startsWith('1/root/') && !key.includes('/anchor/'),
  );
  assert.equal(records, stored.length);
});

/** Dies at a commit: that and all later ones are never answered, and it was made or was not. */
class Dying implements Storage {
  readonly #under: MemoryStorage;
  readonly #isMade: boolean;
  left = Infinity;

  constructor(under: MemoryStorage, isMade: boolean) {
    this.#under = under;
    this.#isMade = isMade;
  }

  get: Storage['get'] = key => this.#under.get(key);
  range: Storage['range'] = (...asked) => this.#under.range(...asked);
  changes: Storage['changes'] = (...asked) => this.#under.changes(...asked);

  commit: Storage['commit'] = async commit => {
    if (this.left-- > 0) return this.#under.commit(commit);
    if (this.left === -1 && this.#isMade) await this.#under.commit(commit);
    return new Promise(() => {});
  };
}

const aLife = async (made: Made): Promise<void> => {
  for (let round = 0; round < 3; round++) {
    await Promise.all(['a', 'b', `c${round}`].map(path => put(made, path, `${round}`)));
    if (round === 1) await made.clock.advance(lagMs);
    await made.bed.root('DELETE', `secret/metadata/c${round - 1}`);
    const { json } = await made.bed.root('POST', 'auth/token/create', { ttl: '1h' });
    await put(made, 'b', `${round} again`);
    await made.bed.root('POST', 'auth/token/revoke', { token: json.auth.client_token });
    await made.clock.advance(lagMs);
  }
};

for (const isMade of [false, true])
  test(`a crash at each commit, which was ${isMade ? '' : 'not '}made, leaves nothing that is refused or missed`, async () => {
    let crashes = 0;
    for (let at = 0; ; at++) {
      const under = openMemoryStore();
      const dying = new Dying(under, isMade);
      const place = new Place();
      const clock = new TestClock();
      const bed = await openBed({ storage: dying, clock, anchor: anchorOf(under, place) });
      const made = { store: under, place, clock, bed, keys: bed.unsealKeys, rootToken: bed.rootToken };
      await put(made, 'a', 'begun');
      await clock.advance(lagMs);
      dying.left = at;
      const lived = aLife(made);
      const life = { isOver: false };
      void lived.then(() => (life.isOver = true));
      while (!life.isOver && dying.left >= 0) await new Promise(done => setImmediate(done));
      for (let turn = 0; turn < 20; turn++) await new Promise(done => setImmediate(done));
      if (life.isOver) break;
      crashes++;
      const opened = await restart(made, { cacheBytes: 0 });
      for (const path of ['a', 'b', 'c0', 'c1', 'c2'])
        assert.notEqual(await valueOf(opened, path), 500, `${at} ${path}`);
      await opened.clock.advance(lagMs);
      const { refused, missing, walks, doubt } = await statusOf(opened);
      assert.deepEqual(
        [refused, missing, walks, doubt],
        [0, 0, 1, ''],
        `commit ${at}: ${opened.bed.logged.join('\n')}`,
      );
    }
    assert.ok(crashes > 20, `${crashes} commits`);
  });

test('a commit that is refused, whichever it is, loses nothing of what was noted', async () => {
  for (let at = 0; ; at++) {
    const made = await begin();
    const { store, clock } = made;
    await clock.advance(lagMs);
    const commit = store.commit.bind(store);
    let left = at;
    store.commit = async given => {
      if (left-- === 0) throw new CofferError('storage_full', 'no room');
      return commit(given);
    };
    for (const value of ['1', '2', '3']) {
      await made.bed.root('POST', 'secret/data/a', { data: { value } });
      await clock.advance(lagMs);
      await made.bed.root('POST', `secret/data/b${value}`, { data: { value } });
      await made.bed.root('DELETE', 'secret/metadata/b2');
      await clock.advance(lagMs);
    }
    store.commit = commit;
    await made.bed.core.seal.seal();
    const opened = await restart(made);
    await opened.clock.advance(lagMs);
    const { refused, missing, walks, doubt } = await statusOf(opened);
    assert.deepEqual([refused, missing, walks, doubt], [0, 0, 1, ''], `commit ${at}`);
    if (left >= 0) break;
  }
});

test('nothing is written before the mark says by whom: a full disk at the start leaves nothing that is refused later', async () => {
  const made = await begin();
  await put(made, 'a', 'first');
  await made.bed.core.seal.seal();
  const { store } = made;
  const commit = store.commit.bind(store);
  const full = async (): Promise<never> => {
    throw new CofferError('storage_full', 'no room');
  };
  store.commit = full;
  const opened = await restart(made);
  assert.equal(await valueOf(opened, 'a'), 'first');
  store.commit = commit;
  const refused = await opened.bed.root('POST', 'secret/data/a', { data: { value: 'second' } });
  assert.equal(refused.status, 500);
  assert.match(refused.text, /mark of the store could not be written yet/);
  const crashed = await restart(made);
  assert.equal(await valueOf(crashed, 'a'), 'first');
  store.commit = full;
  const again = await restart(crashed);
  store.commit = commit;
  await again.clock.advance(lagMs);
  await put(again, 'a', 'second');
  const last = await restart(again);
  assert.equal(await valueOf(last, 'a'), 'second');
  await last.clock.advance(lagMs);
  assert.deepEqual([(await statusOf(last)).refused, (await statusOf(last)).missing], [0, 0]);
});
