/** Snapshots that are damaged, foreign, too large or not for this caller: refused before anything is replaced. */
import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import { before, test } from 'node:test';
import { tarHead, tarPadding } from '@coffer/schema/snapshot/tar.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { StorageCopies, StoredCopy } from '../../../packages/server/src/contracts/storage.ts';
import { copyHead } from '../../../packages/server/src/platform/storage/copy-format.ts';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed } from '../bed.ts';
import { tokenWith } from '../places.ts';
import { packed, put, restore, saved, snapshotPath, summed, unpacked, unseal, valueOf, withMeta } from './bed.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** Copies that exist, so that a test sees what is left behind. */
let held = 0;

const counted = (copies: StorageCopies): StorageCopies => {
  const one = <C extends { discard(): Promise<void> }>(copy: C): C => {
    held++;
    let isThere = true;
    const discard = async (): Promise<void> => {
      if (isThere) held--;
      isThere = false;
      await copy.discard();
    };
    return new Proxy(copy, {
      get: (target, name) => {
        if (name === 'discard') return discard;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
  return {
    copy: async () => one(await copies.copy()),
    receive: async picks => {
      const incoming = one(await copies.receive(picks));
      return new Proxy(incoming, {
        get: (target, name) =>
          name === 'finish'
            ? async () => {
                const copy = await target.finish();
                held--;
                return one(copy);
              }
            : (Reflect.get(target, name) as unknown),
      });
    },
    replace: (copy, also) => copies.replace(copy, also),
  };
};

let bed: Bed;
let snapshot: Uint8Array;
let files: Files;

before(async () => {
  const storage = openMemoryStore();
  bed = await openBed({ storage, copies: counted(storage) });
  await put(bed, 'app', 'kept');
  snapshot = await saved(bed);
  files = await unpacked(snapshot);
  await put(bed, 'app', 'now');
});

const refuses = async (sent: Uint8Array, words: RegExp, force = false): Promise<void> => {
  const told = await restore(bed, sent, force);
  assert.equal(told.status, 400, `${told.status} ${told.text}`);
  assert.match(told.json.errors[0], words);
  assert.equal(await valueOf(bed, 'app'), 'now');
  assert.equal(held, 0, 'nothing is left of it');
};

const file = (name: string): Uint8Array => files.get(name) ?? assert.fail();
const without = (name: string): Files => new Map([...files].filter(([one]) => one !== name));

test('a snapshot that ends early is refused, wherever it ends', async () => {
  for (let at = 0; at < 40; at++)
    await refuses(snapshot.subarray(0, Math.floor((snapshot.length * at) / 40)), /^the snapshot is damaged|not whole/);
  const tar = gunzipSync(snapshot);
  for (let blocks = 0; blocks * 512 < tar.length - 1024; blocks += 7)
    await refuses(gzipSync(tar.subarray(0, blocks * 512)), /^the snapshot is damaged/);
});

test('S26: a snapshot of which one bit is another is refused, wherever it is', async () => {
  const tar = gunzipSync(snapshot);
  const step = Math.max(1, Math.floor(tar.length / 150));
  for (let at = 0; at < tar.length; at += step) {
    const changed = Buffer.from(tar);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    const told = await restore(bed, gzipSync(changed), true);
    if (told.status === 204) assert.fail(`taken with byte ${at} changed`);
    assert.equal(told.status, 400, `${at}: ${told.text}`);
    assert.equal(held, 0);
  }
  assert.equal(await valueOf(bed, 'app'), 'now');
});

test('S26: sums made anew by somebody without the keys do not help', async () => {
  const state = Buffer.from(file('state.bin'));
  const at = state.length - 1;
  state[at] = (state[at] ?? 0) ^ 1;
  const changed = packed(summed(new Map(files).set('state.bin', state)));
  await refuses(changed, /^the snapshot is not authentic/);
  await refuses(changed, /^the snapshot is not authentic/, true);
  const records = JSON.parse(Buffer.from(file('meta.json')).toString()).records as number;
  await refuses(packed(summed(withMeta(files, { revision: 1 }))), /^the snapshot is not authentic/);
  await refuses(packed(summed(withMeta(files, { records: records + 1 }))), /does not hold as many records/);
});

test('a snapshot lacks no file and has no other, each in its place', async () => {
  for (const name of ['state.bin', 'SHA256SUMS', 'SHA256SUMS.sealed'])
    await refuses(packed(without(name)), new RegExp(`damaged: ${name} is missing`));
  await refuses(packed([...files].toReversed()), /not a snapshot of a Coffer store/);
  await refuses(packed([...files, ['more', new Uint8Array(3)]]), /holds more than a snapshot does/);
  await refuses(packed(new Map(files).set('SHA256SUMS', new Uint8Array(70_000))), /SHA256SUMS is too large/);
  await refuses(packed(new Map(files).set('SHA256SUMS.sealed', Buffer.from('x'))), /not authentic/);
});

test('what is no snapshot of this product, or of a newer version of it, is told apart', async () => {
  const foreign = /^this is not a snapshot of a Coffer store/;
  await refuses(packed(new Map([['meta.json', Buffer.from('{"Version":1,"ID":"bolt-snapshot","Index":7}')]])), foreign);
  for (const meta of ['', '[]', 'null', '{', '"coffer"', '{"product":"coffer"}', '{"product":"coffer","format":"1"}'])
    await refuses(packed(new Map(files).set('meta.json', Buffer.from(meta))), foreign);
  await refuses(packed(summed(withMeta(files, { store_id: 'x' }))), foreign);
  await refuses(packed(summed(withMeta(files, { bytes: -1 }))), foreign);
  await refuses(packed(summed(withMeta(files, { format: 2 }))), /has format 2; this version reads up to 1/);
  await refuses(packed(summed(withMeta(files, { bytes: 7 }))), /is not as long as meta.json says/);
  await refuses(Buffer.from('no gzip at all'), /not whole as gzip/);
  await refuses(gzipSync(Buffer.alloc(2048, 'x')), /^the snapshot is damaged/);
  await refuses(new Uint8Array(0), /^the snapshot is damaged/);
});

test('S13: what unpacks to far more than it is, is given up', async () => {
  await refuses(gzipSync(Buffer.alloc(50_000_000)), /^the snapshot is damaged|unpacks to far more/);
  const size = 50_000_000;
  const meta = withMeta(files, { bytes: size }).get('meta.json') ?? assert.fail();
  const bomb = Buffer.concat([
    tarHead('meta.json', meta.length, 0),
    meta,
    tarPadding(meta.length),
    tarHead('state.bin', size, 0),
    copyHead(Buffer.from('1/a'), size - 9),
  ]);
  await refuses(gzipSync(Buffer.concat([bomb, Buffer.alloc(size)])), /unpacks to far more|length of a value/);
  const small = Array.from({ length: 60_000 }, (_, at) => {
    const key = Buffer.from(`1/${String(at).padStart(900, '0')}`);
    return copyHead(key, 0);
  });
  await refuses(gzipSync(Buffer.concat([bomb.subarray(0, -9), ...small])), /unpacks to far more/);
});

/** A state without one of its records. */
const stateWithout = (key: string): Uint8Array => {
  const state = Buffer.from(file('state.bin'));
  const at = state.indexOf(key) - 2;
  const valueAt = at + 2 + key.length + 4;
  return Buffer.concat([state.subarray(0, at), state.subarray(valueAt + state.readUInt32BE(valueAt - 4))]);
};

test('a state that lacks what a store needs is refused also where its keys are not known', async () => {
  const records = (JSON.parse(Buffer.from(file('meta.json')).toString()).records as number) - 1;
  for (const key of ['1/-/barrier/store', '1/-/barrier/keyring', '1/-/seal/config', '1/-/seal/root']) {
    const state = stateWithout(key);
    const lacking = withMeta(new Map(files).set('state.bin', state), { bytes: state.length, records });
    await refuses(packed(summed(lacking)), new RegExp(`the record "${key}" is missing`), true);
  }
  const other = 'f'.repeat(32);
  await refuses(packed(summed(withMeta(files, { store_id: other }))), /names another store than its records/, true);
});

test('only who may both update and sudo restores, and only who may read saves', async () => {
  const writer = await tokenWith(bed, `path "${snapshotPath}*" { capabilities = ["update", "create", "read"] }`);
  assert.equal((await bed.ask('POST', snapshotPath, { token: writer, raw: snapshot })).status, 403);
  assert.equal((await bed.ask('GET', snapshotPath, { token: writer })).status, 200);
  const other = await tokenWith(bed, 'path "secret/*" { capabilities = ["read"] }');
  for (const method of ['GET', 'POST'])
    assert.equal((await bed.ask(method, snapshotPath, { token: other, raw: snapshot })).status, 403);
  assert.equal((await bed.ask('POST', snapshotPath, { raw: snapshot })).status, 403);
  assert.equal(await valueOf(bed, 'app'), 'now');
});

test('where the answer cannot go on record nothing is sent and nothing is left', async () => {
  const storage = openMemoryStore();
  let fails = false;
  const own = await openBed({
    storage,
    copies: counted(storage),
    sink: {
      write: async () => {
        if (fails) throw new CofferError('audit_failed', 'full');
      },
    },
  });
  fails = true;
  assert.equal((await own.root('GET', snapshotPath)).status, 500);
  fails = false;
  assert.equal(held, 0);
});

test('where the storage cannot put it in place the store serves on, and the next attempt may succeed', async () => {
  const storage = openMemoryStore();
  let fails = true;
  const copies: StorageCopies = {
    copy: () => storage.copy(),
    receive: picks => storage.receive(picks),
    replace: async (copy: StoredCopy, also) => {
      if (fails) throw new CofferError('storage_full', 'no room');
      return storage.replace(copy, also);
    },
  };
  const own = await openBed({ storage, copies });
  await put(own, 'app', 'old');
  const good = await saved(own);
  await put(own, 'app', 'new');
  assert.equal((await restore(own, good)).status, 507);
  assert.equal(await valueOf(own, 'app'), 'new');
  await put(own, 'app', 'newer');
  fails = false;
  assert.equal((await restore(own, good)).status, 204);
  await unseal(own, own.unsealKeys);
  assert.equal(await valueOf(own, 'app'), 'old');
});

test('while a store is replaced requests are refused as sealed, nothing is written, and no second one is begun', async () => {
  const storage = openMemoryStore();
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const copies: StorageCopies = {
    copy: () => storage.copy(),
    receive: picks => storage.receive(picks),
    replace: async (copy: StoredCopy, also) => {
      begun.resolve();
      await gate.promise;
      return storage.replace(copy, also);
    },
  };
  const own = await openBed({ storage, copies });
  const good = await saved(own);
  const restoring = restore(own, good);
  await begun.promise;
  assert.equal((await own.root('POST', 'secret/data/app', { data: {} })).status, 503);
  assert.equal((await own.root('GET', 'secret/data/app')).status, 503);
  assert.equal((await restore(own, good)).status, 503);
  const head = await storage.head();
  const write = own.core.storage.commit({ writes: [{ key: 'x', value: new Uint8Array(1) }] });
  await assert.rejects(write, { code: 'sealed' });
  assert.equal(await storage.head(), head);
  gate.resolve();
  assert.equal((await restoring).status, 204);
});
