/** What the change stream costs and bounds: slow readers, many of them, damage in the store, nobody there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeOrGap, Storage } from '../../../packages/server/src/contracts/storage.ts';
import { endings } from '../../../packages/server/src/core/events/endings.ts';
import { heldEventsLimit } from '../../../packages/server/src/core/events/event-log.ts';
import { tokenSubscribersLimit } from '../../../packages/server/src/core/events/streams.ts';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed } from '../bed.ts';
import { askStream, follow, Follower, put, textOf, tokenWith } from './follower.ts';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(done => setImmediate(done));
};

/** Changes pass by here. */
const watchedStore = (pass: (change: ChangeOrGap) => ChangeOrGap) => {
  const store = openMemoryStore();
  const seen = { follows: 0 };
  const storage: Storage = {
    get: key => store.get(key),
    range: (prefix, options) => store.range(prefix, options),
    commit: commit => store.commit(commit),
    changes: async function* (since, signal) {
      seen.follows++;
      for await (const change of store.changes(since, signal)) yield pass(change);
    },
  };
  return { storage, seen };
};

test('who does not read is ended, and nobody who does is held up or loses anything', async () => {
  const bed = await openBed();
  const slow = await follow(bed, 'kv*');
  const quick = await follow(bed, 'kv*');
  let told = 0;
  const reading = (async () => {
    while ((await quick.next()) !== undefined) told++;
  })();
  await put(bed, 'first');
  await slow.take(1);
  // Now it has seen everything there is, and asks for more once.
  void slow.piece();
  await turns(5);
  const count = heldEventsLimit + 50;
  for (let i = 0; i < count; i++) await put(bed, `k${i % 100}`);
  // The log is opened over many turns: until the quick one has heard all of it, nobody has fallen behind.
  const hasHeardAll = (): boolean => told > count;
  for (let look = 0; !hasHeardAll() && look < 10_100; look++) await turns(1);
  await bed.clock.advance(400);
  assert.equal(bed.core.events.count, 1, 'the slow one is gone');
  await bed.clock.advance(400);
  assert.equal(slow.answer.cut?.aborted, true, 'and its connection is cut');
  assert.equal(bed.core.events.dropped, 1);
  assert.ok(bed.logged.some(line => line.includes('a subscriber was too slow')));
  await turns(20);
  assert.equal(told, count + 1);
  await quick.leave();
  await reading;
});

test('one token has so many streams; the next is refused until one has ended', async () => {
  const bed = await openBed();
  const followers: Follower[] = [];
  for (let i = 0; i < tokenSubscribersLimit; i++) followers.push(await follow(bed, 'kv*'));
  const refused = await askStream(bed, 'kv*');
  assert.equal(refused.status, 429);
  assert.match(textOf(refused), /too many subscribers/);
  assert.equal(new Map(refused.headers).get('Retry-After'), '5');
  const other = await tokenWith(bed, 'path "sys/events/subscribe/*" { capabilities = ["read"] }');
  await (await follow(bed, 'kv*', { token: other })).leave();
  const late = new Follower(await askStream(bed, 'kv*', { token: other }));
  await followers[0]?.leave();
  await late.leave();
  await follow(bed, 'kv*');
  assert.equal(bed.core.events.count, tokenSubscribersLimit);
});

test('of two that begin at once for the last place, one is told that there is none', async () => {
  const bed = await openBed();
  for (let i = 1; i < tokenSubscribersLimit; i++) await follow(bed, 'kv*');
  const [one, two] = await Promise.all([askStream(bed, 'kv*'), askStream(bed, 'kv*')]);
  const first = await new Follower(one).piece();
  const second = await new Follower(two).next();
  assert.equal(first?.event, '');
  assert.deepEqual(second?.data, endings.tooMany);
});

test('many who read the past at once go on one after the other, and all get everything', async () => {
  const bed = await openBed();
  for (let i = 0; i < 300; i++) await put(bed, `k${i}`);
  // The log begins here: the others read the storage until they have reached it.
  const live = await follow(bed, 'kv*');
  const all = await Promise.all(Array.from({ length: 20 }, () => follow(bed, 'kv*?since=1')));
  const told = await Promise.all(all.map(one => one.take(300)));
  for (const one of told) {
    assert.equal(one[0], 'kv-v2/data-write secret/data/k0');
    assert.equal(one[299], 'kv-v2/data-write secret/data/k299');
  }
  await put(bed, 'after');
  for (const one of [live, ...all]) assert.deepEqual(await one.take(1), ['kv-v2/data-write secret/data/after']);
});

test('an event is encoded once for all who get it', async () => {
  const bed = await openBed();
  const answers = [await askStream(bed, 'kv*'), await askStream(bed, '*')];
  const sources = answers.map(({ body }) => (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]());
  for (const source of sources) await source.next();
  await put(bed, 'a');
  const [one, two] = await Promise.all(sources.map(source => source.next()));
  assert.equal(one?.value, two?.value);
});

test('while nobody follows, changes are read by nobody, and the last one who leaves ends it', async () => {
  const { storage, seen } = watchedStore(change => change);
  const bed = await openBed({ storage });
  await put(bed, 'a');
  assert.equal(seen.follows, 0);
  const follower = await follow(bed, 'kv*');
  const after = seen.follows;
  await put(bed, 'b');
  await follower.take(1);
  await follower.leave();
  await put(bed, 'c');
  assert.equal(seen.follows, after);
  assert.equal((await (await follow(bed, 'kv*')).leave(), bed.core.events.count), 0);
});

const damaging = (damage: (change: Exclude<ChangeOrGap, { readonly compacted: number }>) => ChangeOrGap) => {
  let once = false;
  return watchedStore(change => {
    if ('compacted' in change || change.events.length === 0 || once) return change;
    once = true;
    return damage(change);
  });
};

const gapIsTold = async (bed: Bed): Promise<void> => {
  const follower = await follow(bed, 'kv*');
  await put(bed, 'damaged');
  await put(bed, 'whole');
  const gap = await follower.next();
  assert.equal(gap?.event, 'compacted');
  const next = await follower.next();
  assert.equal(Number(next?.id), Number(gap?.data.revision));
  assert.match(next?.data.data.event.metadata.path, /whole/);
  assert.ok(bed.logged.some(line => line.includes('an event cannot be read')));
};

test('S26: an event that was changed in the store is told to nobody: it is a gap', async () => {
  const { storage } = damaging(change => ({
    ...change,
    events: change.events.map(({ type, payload }) => ({
      type,
      payload: payload.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
    })),
  }));
  await gapIsTold(await openBed({ storage }));
});

test('S26: an event that was moved beside the records of another mount is told to nobody', async () => {
  const { storage } = damaging(change => ({
    ...change,
    keys: change.keys.map(key => key.replace(/^1\/root\/[^/]+/, '1/root/other')),
  }));
  await gapIsTold(await openBed({ storage }));
});

test('a storage that can be read no more ends the streams with words of their own', async () => {
  const { storage } = watchedStore(change => {
    if (!('compacted' in change) && change.events.length > 0) throw new Error('canary');
    return change;
  });
  const bed = await openBed({ storage });
  const follower = await follow(bed, 'kv*');
  await put(bed, 'a');
  assert.deepEqual((await follower.next())?.data, endings.failed);
  assert.ok(bed.logged.some(line => line.includes('the change stream cannot be read')));
  assert.doesNotMatch(bed.logged.join(), /canary/);
});

test('a sign of life comes when there is nothing else, with how far it has come', async () => {
  const bed = await openBed();
  const token = await tokenWith(bed, 'path "sys/events/subscribe/*" { capabilities = ["read"] }');
  const follower = await follow(bed, 'kv*', { token });
  await put(bed, 'not-for-this-one');
  const waiting = follower.piece();
  for (let step = 0; step < 40; step++) await bed.clock.advance(400);
  const beat = await waiting;
  assert.equal(beat?.data, undefined);
  const again = await follow(bed, `kv*?since=${beat?.id}`);
  await put(bed, 'next');
  assert.deepEqual(await again.take(1), ['kv-v2/data-write secret/data/next']);
});
