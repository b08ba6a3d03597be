/** S26: the whole store is put back to an earlier state. Who does it holds the storage and none of its keys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnchorPlace } from '@coffer/server/contracts/anchor.ts';
import { type MemoryStorage, openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import { type Bed, openBed, TestClock } from './bed.ts';

const lagMs = 1000;

/** A place in memory; `fails` stands for a disk that is gone. */
class Place implements AnchorPlace {
  readonly name = '/else/where';
  text: string | undefined;
  writes = 0;
  fails = false;

  async read(): Promise<string | undefined> {
    if (this.fails) throw new Error('gone');
    return this.text;
  }

  async write(text: string): Promise<void> {
    if (this.fails) throw new Error('gone');
    this.text = text;
    this.writes++;
  }
}

const bytesOf = async (store: MemoryStorage): Promise<Uint8Array> => {
  const copy = await store.copy();
  const pieces: Uint8Array[] = [];
  for await (const piece of copy.read()) pieces.push(piece);
  await copy.discard();
  return Buffer.concat(pieces);
};

/** What somebody does who has the storage and not its keys. */
const putBack = async (store: MemoryStorage, bytes: Uint8Array): Promise<void> => {
  const incoming = await store.receive([]);
  await incoming.write(bytes);
  await store.replace(await incoming.finish());
};

interface Setting {
  readonly store: MemoryStorage;
  readonly place: Place;
  readonly clock: TestClock;
  readonly keys: readonly string[];
  readonly rootToken: string;
}

const begin = async (place = new Place()): Promise<Setting & { readonly bed: Bed }> => {
  const store = openMemoryStore();
  const clock = new TestClock();
  const bed = await openBed({ storage: store, clock, anchor: { place, maxLagMs: lagMs, head: () => store.head() } });
  return { store, place, clock, bed, keys: bed.unsealKeys, rootToken: bed.rootToken };
};

/** The server starts anew over what is there. */
const restart = async ({ store, place, clock, keys, rootToken }: Setting): Promise<Bed> => {
  const bed = await openBed({
    storage: store,
    clock,
    anchor: { place, maxLagMs: lagMs, head: () => store.head() },
    closed: true,
  });
  for (const key of keys) await bed.core.seal.submitKey(key);
  return { ...bed, root: (method, path, body) => bed.ask(method, path, { token: rootToken, body }) };
};

const write = async (bed: Bed, value: string): Promise<void> =>
  assert.equal((await bed.root('POST', 'secret/data/a', { data: { value } })).status, 200);
const readBack = async (bed: Bed) => {
  const { status, json } = await bed.root('GET', 'secret/data/a');
  return status === 200 ? json.data.data.value : status;
};
const codeIn = (bed: Bed): string =>
  /"code":"([0-9a-f]{8})"/.exec(bed.logged.find(line => line.includes('serves nothing until')) ?? '')?.[1] ?? '';

test('S26: a store that was put back serves nothing, says so everywhere, and serves as it is once that was accepted', async () => {
  const made = await begin();
  await write(made.bed, 'old');
  await made.clock.advance(lagMs);
  const old = await bytesOf(made.store);
  await write(made.bed, 'new');
  await made.clock.advance(lagMs);
  await made.bed.core.seal.seal();
  await putBack(made.store, old);

  const bed = await restart(made);
  assert.equal(await readBack(bed), 503);
  const refused = await bed.root('GET', 'auth/token/lookup-self');
  assert.match(refused.text, /not as its anchor says/);
  assert.equal((await bed.ask('GET', 'sys/health')).status, 503);
  assert.equal((await bed.ask('GET', 'sys/seal-status')).json.sealed, false);
  const shown = (await bed.root('GET', 'sys/anchor')).json.data;
  assert.match(shown.doubt, /older than its anchor: the last \d marks/);
  assert.equal((await bed.ask('GET', 'sys/anchor')).status, 403);
  assert.equal((await bed.ask('POST', 'sys/anchor/accept', { body: { code: codeIn(bed) } })).status, 403);
  for (const code of ['', 'x', '00000000']) {
    const { status } = await bed.root('POST', 'sys/anchor/accept', { code });
    assert.equal(status, 400, code);
  }
  assert.equal(await readBack(bed), 503);
  assert.equal((await bed.root('POST', 'sys/anchor/accept', { code: codeIn(bed) })).status, 204);
  assert.equal(await readBack(bed), 'old');
  assert.equal((await bed.ask('GET', 'sys/health')).status, 200);
  assert.ok(bed.audited.some(line => line.includes('sys/anchor/accept')));
  assert.equal((await bed.root('POST', 'sys/anchor/accept', { code: codeIn(bed) })).status, 400);
  await bed.core.seal.seal();
  assert.equal(await readBack(await restart(made)), 'old');
});

test('while it is in doubt nothing ends by time and nothing is written', async () => {
  const made = await begin();
  const short = (await made.bed.root('POST', 'auth/token/create', { ttl: '10s' })).json.auth.client_token;
  const old = await bytesOf(made.store);
  await made.clock.advance(lagMs);
  await write(made.bed, 'new');
  await made.clock.advance(lagMs);
  await made.bed.core.seal.seal();
  await putBack(made.store, old);
  const bed = await restart(made);
  const head = await made.store.head();
  for (let second = 0; second < 30; second++) await made.clock.advance(1000);
  assert.equal(await made.store.head(), head);
  assert.equal((await bed.root('POST', 'sys/anchor/accept', { code: codeIn(bed) })).status, 204);
  for (let second = 0; second < 3; second++) await made.clock.advance(1000);
  assert.equal((await bed.ask('GET', 'auth/token/lookup-self', { token: short })).status, 403);
  assert.ok((await made.store.head()) > head + 1);
});

test('a store that was closed, or that crashed at any moment, is as new as its anchor', async () => {
  const made = await begin();
  await write(made.bed, 'one');
  await made.bed.core.seal.seal();
  const again = await restart(made);
  assert.equal(await readBack(again), 'one');
  // Before the mark.
  await write(again, 'two');
  const third = await restart(made);
  assert.equal(await readBack(third), 'two');
  // Between the mark and the anchor.
  await write(third, 'three');
  made.place.fails = true;
  await made.clock.advance(lagMs);
  made.place.fails = false;
  assert.equal(await readBack(await restart(made)), 'three');
});

test('a store from before its key was rotated is older than its anchor', async () => {
  const made = await begin();
  const old = await bytesOf(made.store);
  assert.equal((await made.bed.root('POST', 'sys/rotate')).status, 204);
  await made.bed.core.seal.seal();
  await putBack(made.store, old);
  const bed = await restart(made);
  assert.equal(await readBack(bed), 503);
  assert.match((await bed.root('GET', 'sys/anchor')).json.data.doubt, /does not have the key/);
  assert.equal((await bed.root('POST', 'sys/anchor/accept', { code: codeIn(bed) })).status, 204);
});

test('what was written last is covered when the store is sealed; nothing is marked where nothing was written', async () => {
  const made = await begin();
  await made.clock.advance(lagMs);
  const { writes } = made.place;
  for (let round = 0; round < 5; round++) await made.clock.advance(lagMs);
  assert.equal(made.place.writes, writes);
  const old = await bytesOf(made.store);
  await write(made.bed, 'last');
  await made.bed.core.seal.seal();
  await putBack(made.store, old);
  assert.equal(await readBack(await restart(made)), 503);
});

test('what was put back within the lag is not seen: the stated loss', async () => {
  const made = await begin();
  await made.clock.advance(lagMs);
  const old = await bytesOf(made.store);
  await write(made.bed, 'new');
  await putBack(made.store, old);
  assert.equal(await readBack(await restart(made)), 404);
});

test('an anchor that is gone, damaged, changed, of another store, of a newer version or not readable is not passed over', async () => {
  const other = await begin();
  const cases: readonly [name: string, change: (place: Place) => void, doubt: RegExp][] = [
    ['gone', place => (place.text = undefined), /nothing in its place/],
    ['empty', place => (place.text = ''), /damaged/],
    ['no JSON', place => (place.text = 'x'), /damaged/],
    ['long', place => (place.text = `${place.text} ${' '.repeat(5000)}`), /damaged/],
    ['lower', place => (place.text = place.text?.replace(/"sequence":\d+/, '"sequence":1')), /damaged/],
    ['freed', place => (place.text = place.text?.replace('"term"', '"restored":"none","term"')), /damaged/],
    ['a term nobody has', place => (place.text = place.text?.replace('"term":1', '"term":9')), /older than its anchor/],
    ['another', place => (place.text = other.place.text), /another store/],
    ['newer', place => (place.text = place.text?.replace('"version":1', '"version":2')), /newer version/],
    ['unreadable', place => (place.fails = true), /cannot be read/],
  ];
  for (const [name, change, doubt] of cases) {
    const made = await begin();
    await write(made.bed, name);
    await made.bed.core.seal.seal();
    change(made.place);
    const bed = await restart(made);
    assert.equal(await readBack(bed), 503, name);
    assert.match((await bed.root('GET', 'sys/anchor')).json.data.doubt, doubt, name);
    made.place.fails = false;
    assert.equal((await bed.root('POST', 'sys/anchor/accept', { code: codeIn(bed) })).status, 204, name);
    assert.equal(await readBack(bed), name);
    await bed.core.seal.seal();
    assert.equal(await readBack(await restart(made)), name);
  }
});

test('accepting says what is wrong where the anchor cannot be written, and the store stays closed', async () => {
  const made = await begin();
  await made.bed.core.seal.seal();
  made.place.text = '';
  const bed = await restart(made);
  made.place.fails = true;
  assert.equal((await bed.root('POST', 'sys/anchor/accept', { code: codeIn(bed) })).status, 500);
  assert.equal(await readBack(bed), 503);
});

test('an anchor that cannot be written is told once, holds up nobody, and goes on by itself', async () => {
  const { bed, clock, place, store } = await begin();
  place.fails = true;
  for (const value of ['a', 'b', 'c']) {
    await write(bed, value);
    await clock.advance(lagMs);
  }
  const told = () => bed.logged.filter(line => line.includes('the anchor cannot be written')).length;
  assert.equal(told(), 1);
  assert.equal((await bed.root('GET', 'sys/anchor')).json.data.stuck, true);
  place.fails = false;
  await write(bed, 'd');
  await clock.advance(lagMs);
  assert.equal((await bed.root('GET', 'sys/anchor')).json.data.stuck, false);
  assert.ok(store);
});

test('an existing store gets its anchor; one that had one says so where the configuration names none', async () => {
  const store = openMemoryStore();
  const clock = new TestClock();
  const plain = await openBed({ storage: store, clock });
  await write(plain, 'x');
  await plain.core.seal.seal();
  const made = { store, clock, place: new Place(), keys: plain.unsealKeys, rootToken: plain.rootToken };
  const bed = await restart(made);
  assert.equal(await readBack(bed), 'x');
  assert.ok(made.place.text?.includes('"sequence":1'));
  await bed.core.seal.seal();
  const without = await openBed({ storage: store, clock, closed: true });
  for (const key of made.keys) await without.core.seal.submitKey(key);
  assert.ok(without.logged.some(line => line.includes('the configuration names none')));
});

const snapshotOf = async (bed: Bed): Promise<Uint8Array> => {
  const { status, body } = await bed.root('GET', 'sys/storage/raft/snapshot');
  assert.equal(status, 200);
  return body;
};
const restoreTo = (bed: Bed, token: string, raw: Uint8Array) =>
  bed.ask('POST', 'sys/storage/raft/snapshot', { token, raw, headers: { 'content-type': 'application/gzip' } });

test('a snapshot of the store itself is restored without doubt, also after a crash before it took its place', async () => {
  const made = await begin();
  const oldest = await bytesOf(made.store);
  await write(made.bed, 'saved');
  await made.clock.advance(lagMs);
  const snapshot = await snapshotOf(made.bed);
  for (const value of ['later', 'latest']) {
    await write(made.bed, value);
    await made.clock.advance(lagMs);
  }
  // It crashes when the anchor has been prepared.
  const { replace } = made.store;
  made.store.replace = async () => {
    throw new Error('it crashes');
  };
  assert.notEqual((await restoreTo(made.bed, made.rootToken, snapshot)).status, 204);
  made.store.replace = replace;
  const again = await restart(made);
  assert.equal(await readBack(again), 'latest');

  const before = await bytesOf(made.store);
  assert.equal((await restoreTo(again, made.rootToken, snapshot)).status, 204);
  assert.match(made.place.text ?? '', /"restored"/);
  // Somebody uses the moment to put yet another state in its place.
  const place = Object.assign(new Place(), { text: made.place.text });
  const elsewhere = { ...made, place, store: openMemoryStore() };
  await putBack(elsewhere.store, oldest);
  assert.equal(await readBack(await restart(elsewhere)), 503);

  const open = await restart(made);
  assert.equal(await readBack(open), 'saved');
  assert.doesNotMatch(made.place.text ?? '', /"restored"/);
  await open.core.seal.seal();
  await putBack(made.store, before);
  assert.equal(await readBack(await restart(made)), 503);
});

test('several nodes mark one store, each with an anchor of its own', async () => {
  const made = await begin();
  await made.bed.core.seal.seal();
  const shared = made.store;
  const nodes = [made, { ...made, place: new Place() }];
  const open = async ({ place }: Setting): Promise<Bed> => {
    const anchor = { place, maxLagMs: lagMs, head: () => shared.head() };
    const bed = await openBed({ storage: made.store, shared, clock: made.clock, anchor, closed: true });
    for (const key of made.keys) await bed.core.seal.submitKey(key);
    return { ...bed, root: (method, path, body) => bed.ask(method, path, { token: made.rootToken, body }) };
  };
  const first = await open(nodes[0] as Setting);
  const second = await open(nodes[1] as Setting);
  // It was never here: somebody has to say that this is right.
  assert.equal((await second.root('POST', 'sys/anchor/accept', { code: codeIn(second) })).status, 204);
  for (const bed of [first, second, first]) {
    await write(bed, 'x');
    for (let step = 0; step < 10; step++) await made.clock.advance(lagMs / 5);
  }
  assert.equal((await first.root('GET', 'sys/anchor')).json.data.doubt, '');
  assert.equal((await second.root('GET', 'sys/anchor')).json.data.doubt, '');
});
