/**
 * S26: single records are put back to an earlier state, or removed, by somebody who has the storage and none of its keys, while
 * the rest of the store is as new as it was.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnchorPlace } from '@coffer/server/contracts/anchor.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { type ChangeEvent, type Storage, untoldType, type Write } from '@coffer/server/contracts/storage.ts';
import { allRecords } from '@coffer/server/core/ledger/all-records.ts';
import { type MemoryStorage, openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import { type Bed, type BedOptions, openBed, TestClock } from './bed.ts';

const lagMs = 1000;

class Place implements AnchorPlace {
  readonly name = '/else/where';
  text: string | undefined;

  async read(): Promise<string | undefined> {
    return this.text;
  }

  async write(text: string): Promise<void> {
    this.text = text;
  }
}

interface Made {
  readonly store: MemoryStorage;
  readonly place: Place;
  readonly clock: TestClock;
  readonly keys: readonly string[];
  readonly rootToken: string;
  readonly bed: Bed;
}

const anchorOf = (store: MemoryStorage, place: Place) => ({ place, maxLagMs: lagMs, head: () => store.head() });

const begin = async (options: BedOptions = {}, historyLimit = 100_000): Promise<Made> => {
  const [store, place, clock] = [openMemoryStore({ historyLimit }), new Place(), new TestClock()];
  const bed = await openBed({ storage: store, clock, anchor: anchorOf(store, place), ...options });
  return { store, place, clock, bed, keys: bed.unsealKeys, rootToken: bed.rootToken };
};

/** The server starts anew over what is there. One that was not sealed has crashed, and does nothing more. */
const restart = async (made: Made, options: BedOptions = {}): Promise<Made> => {
  const { store, place, keys, rootToken } = made;
  const clock = new TestClock();
  const bed = await openBed({ storage: store, clock, anchor: anchorOf(store, place), closed: true, ...options });
  for (const key of keys) await bed.core.seal.submitKey(key);
  const root: Bed['root'] = (method, path, body) => bed.ask(method, path, { token: rootToken, body });
  return { ...made, clock, bed: { ...bed, root } };
};

type Records = ReadonlyMap<string, Uint8Array>;

const allOf = async (store: MemoryStorage): Promise<Records> => {
  const records = new Map<string, Uint8Array>();
  for await (const { key, value } of allRecords(store)) records.set(key, value);
  return records;
};

let attacks = 0;
const attack = async (
  store: MemoryStorage,
  writes: readonly Write[],
  events: readonly ChangeEvent[] = [],
): Promise<void> => {
  const id = (++attacks).toString(16).padStart(32, '0');
  assert.equal((await store.commit({ id, writes, events })).ok, true);
};

const put = async ({ bed }: Made, path: string, value: string): Promise<void> =>
  assert.equal((await bed.root('POST', `secret/data/${path}`, { data: { value } })).status, 200);
const valueOf = async ({ bed }: Made, path: string) => {
  const { status, json } = await bed.root('GET', `secret/data/${path}`);
  return status === 200 ? json.data.data.value : status;
};
const statusOf = async ({ bed }: Made) => (await bed.root('GET', 'sys/anchor')).json.data;
const codeIn = ({ bed }: Made): string =>
  /"code":"([0-9a-f]{8})"/.exec(bed.logged.findLast(line => line.includes('accept-rollback')) ?? '')?.[1] ?? '';
const logs = ({ bed }: Made, text: string): boolean => bed.logged.some(line => line.includes(text));

/** Keys whose records differ between the two. */
const changedBetween = (before: Records, after: Records): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter(key => key.startsWith('1/root/') && !key.includes('/anchor/') && before.get(key) !== after.get(key))
    .filter(key => Buffer.compare(before.get(key) ?? Buffer.of(), after.get(key) ?? Buffer.of()) !== 0);

/** Something is written, changed and removed; what the attacker has seen at each time. */
const history = async (made: Made) => {
  await put(made, 'a', 'first');
  await put(made, 'kept', 'kept');
  await put(made, 'gone', 'gone');
  const before = await allOf(made.store);
  await put(made, 'a', 'second');
  assert.equal((await made.bed.root('DELETE', 'secret/metadata/gone')).status, 204);
  return { before, after: await allOf(made.store) };
};

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
