/** Copies of all records: of one revision, whole or refused, and put in place all or nothing. */
import assert from 'node:assert/strict';
import type { Change, ChangeOrGap, StorageCopies, StoredCopy } from '../../packages/server/src/contracts/storage.ts';
import { copyHead } from '../../packages/server/src/platform/storage/copy-format.ts';
import { bytes, freshId, keys, type OnStore, type Opened, put, refusesWith, text, write } from './store-given.ts';

const bytesOf = async (copy: StoredCopy): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of copy.read()) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
};

interface Sending {
  readonly picks?: readonly string[];
  readonly pieceBytes?: number;
}

const received = async (
  store: StorageCopies,
  sent: Uint8Array,
  { picks = [], pieceBytes = 100 }: Sending = {},
): Promise<StoredCopy> => {
  const incoming = await store.receive(picks);
  try {
    for (let at = 0; at < sent.length; at += pieceBytes) await incoming.write(sent.subarray(at, at + pieceBytes));
    return await incoming.finish();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
};

const record = (key: string | Uint8Array, value: string): Uint8Array =>
  Buffer.concat([copyHead(Buffer.from(key), value.length), Buffer.from(value)]);

const making = (on: OnStore): void => {
  on('a copy holds every record, in the order of their keys, and what it says of itself is so', async store => {
    await write(store, put('é'), put('b', ''), put('a\u0000'), put('\u{10000}'), put('\uffff'));
    await write(store, put('gone'), put('big', 'x'.repeat(3_000_000)));
    await write(store, { key: 'gone', value: undefined });
    const copy = await store.copy();
    const all = await bytesOf(copy);
    assert.deepEqual([copy.revision, copy.records, copy.bytes], [3, 6, all.length]);
    const again = await received(store, all, { picks: ['b', 'é', 'none'], pieceBytes: 7_919 });
    assert.deepEqual(again.sha256, copy.sha256);
    assert.deepEqual([again.records, again.bytes], [copy.records, copy.bytes]);
    assert.deepEqual(
      [...again.picked].map(([key, value]) => [key, text(value)]),
      [
        ['b', ''],
        ['é', 'é'],
      ],
    );
    await copy.discard();
    await copy.discard();
    await again.discard();
  });

  on('commits go on while a copy is made, and none is in it by half', async store => {
    await write(store, ...Array.from({ length: 2_000 }, (_, at) => put(`fill/${at}`, 'x'.repeat(1_000))));
    await write(store, put('a/pair', '0'), put('z/pair', '0'));
    const stop = new AbortController();
    let committed = 0;
    const writing = (async () => {
      while (!stop.signal.aborted) {
        await write(store, put('a/pair', `${++committed}`), put('z/pair', `${committed}`));
        await new Promise(setImmediate);
      }
    })();
    for (let round = 0; round < 5; round++) {
      const copy = await store.copy();
      const again = await received(store, await bytesOf(copy), { picks: ['a/pair', 'z/pair'], pieceBytes: 65_536 });
      const [one, other] = ['a/pair', 'z/pair'].map(key => text(again.picked.get(key) ?? bytes('none')));
      assert.equal(one, other);
      await copy.discard();
      await again.discard();
    }
    stop.abort();
    await writing;
    assert.ok(committed > 0);
  });
};

const first = async (store: Opened, since: number): Promise<ChangeOrGap | undefined> => {
  const stop = new AbortController();
  for await (const change of store.changes(since, stop.signal)) return change;
  return undefined;
};

const replacing = (on: OnStore, persistent: boolean): void => {
  on('what was received takes the place of everything, with what is written beside it', async (store, place) => {
    await write(store, put('old'), put('same', 'before'));
    const copy = await received(store, Buffer.concat([record('new', 'n'), record('same', 'after')]));
    await write(store, put('later'));
    const revision = await store.replace(copy, [put('beside'), { key: 'new', value: undefined }]);
    await copy.discard();
    assert.ok(revision > 2);
    const holds = async (opened: Opened): Promise<void> => {
      assert.deepEqual(await keys(opened, ''), ['beside', 'same']);
      const same = await opened.get('same');
      assert.deepEqual([text(same?.value ?? bytes('')), same?.revision], ['after', revision]);
      assert.equal(await opened.head(), revision);
    };
    await holds(store);
    if (!persistent) return;
    await store.close();
    const again = await place.open(place.directory);
    await holds(again);
    await again.close();
  });
};

const around = (on: OnStore, persistent: boolean): void => {
  on(
    'who follows the changes is told that there is no history to a replaced store, and hears of what comes',
    async store => {
      await write(store, put('a'));
      const copy = await received(store, record('new', 'n'));
      const revision = await store.replace(copy);
      for (const since of [0, 1]) {
        const told = (await first(store, since)) as { readonly compacted?: number };
        assert.ok((told.compacted ?? 0) >= revision, JSON.stringify(told));
      }
      await write(store, put('b'));
      const change = (await first(store, revision)) as Change;
      assert.deepEqual([change.revision, change.keys], [revision + 1, ['b']]);
    },
  );

  on('commits handed in before are in what is replaced, those handed in meanwhile are refused', async store => {
    const copy = await received(store, record('new', 'n'));
    const before = write(store, put('before'));
    const replaced = store.replace(copy);
    const meanwhile = write(store, put('meanwhile')).then(
      () => 'committed',
      (error: unknown) => (refusesWith('storage_failed')(error) ? 'refused' : String(error)),
    );
    assert.ok((await before).ok);
    await replaced;
    const outcome = await meanwhile;
    assert.deepEqual(await keys(store, ''), outcome === 'refused' ? ['new'] : ['meanwhile', 'new']);
    assert.ok(persistent === (outcome === 'refused'), outcome);
    await write(store, put('z'));
    assert.deepEqual((await keys(store, '')).at(-1), 'z');
  });

  on('the id of a commit that was replaced is free again, and its record with it', async store => {
    const commit = { id: freshId(), writes: [put('k')] };
    await store.commit(commit);
    await store.replace(await received(store, record('new', 'n')));
    await store.commit(commit);
    assert.deepEqual(await keys(store, ''), ['k', 'new']);
  });

  on('a copy that was made, not received, is put in place as well; anything else is not', async store => {
    await write(store, put('a'));
    const copy = await store.copy();
    await write(store, put('b'));
    await store.replace(copy);
    assert.deepEqual(await keys(store, ''), ['a']);
    await assert.rejects(store.replace({ ...copy, discard: async () => undefined }), TypeError);
  });
};

const refusing = (on: OnStore): void => {
  const bad: readonly (readonly [name: string, sent: Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['an end within a length', Uint8Array.of(0)],
    ['an end within a key', record('key', '').subarray(0, 4)],
    ['an end within a value', record('key', 'value').subarray(0, 12)],
    ['an empty key', record('', 'v')],
    ['a key that is too long', record('k'.repeat(1_025), 'v')],
    ['a key that is not text', record(Uint8Array.of(0xff, 0xfe), 'v')],
    ['a key twice', Buffer.concat([record('a', '1'), record('a', '2')])],
    ['keys out of order', Buffer.concat([record('b', '1'), record('a', '2')])],
    ['a value that is too long', copyHead(Buffer.from('k'), 33_554_433)],
  ];
  on('what cannot be a copy is refused, and the store is as it was', async store => {
    await write(store, put('kept'));
    for (const [name, sent] of bad)
      for (const pieceBytes of [1, 1_000])
        await assert.rejects(received(store, sent, { pieceBytes }), refusesWith('data_corrupt'), name);
    assert.deepEqual(await keys(store, ''), ['kept']);
  });
};

export const copiesConformance = (on: OnStore, persistent: boolean): void => {
  making(on);
  replacing(on, persistent);
  around(on, persistent);
  refusing(on);
};
