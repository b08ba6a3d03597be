/** Two who initialise one store at once, and those who write to the storage beside the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorise, refusal } from '../../../../../test/conformance/seal-acts.ts';
import { initialize, readText, rigOver, sharesOf, unseal } from '../../../../../test/conformance/seal-rig.ts';
import type { Storage } from '../../contracts/storage.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { realRandom } from '../../platform/random/real.ts';
import { AeadKey } from '../../platform/crypto/aead.ts';
import { sealRecord } from '../barrier/record.ts';
import { readStoreId } from '../barrier/store-record.ts';
import { configWrite } from './config.ts';
import { deal } from './deal.ts';
import { openStaticSeal, shamirSeal } from './static.ts';

const random = realRandom();
const commitTo = (storage: Storage, key: string, value: Uint8Array | undefined) =>
  storage.commit({ id: random.bytes(16).toHex(), writes: [{ key, value }] });

interface Interruption {
  readonly call: 'get' | 'range';
  readonly when: (key: string) => boolean;
  readonly meanwhile: () => Promise<void>;
}

/** `storage`, in which `meanwhile` happens once, before the first such call that `when` picks. */
const interrupted = (storage: Storage, { call, when, meanwhile }: Interruption) => {
  let due = true;
  const wait = async (kind: string, key: string): Promise<void> => {
    if (!due || kind !== call || !when(key)) return;
    due = false;
    await meanwhile();
  };
  return {
    get: (key: string) => wait('get', key).then(() => storage.get(key)),
    range: (...args: Parameters<Storage['range']>) => wait('range', args[0]).then(() => storage.range(...args)),
    commit: (...args: Parameters<Storage['commit']>) => storage.commit(...args),
    changes: (...args: Parameters<Storage['changes']>) => storage.changes(...args),
  };
};

const unfinished = async (): Promise<Storage> => {
  const rig = rigOver(shamirSeal);
  rig.failing.add('fill');
  await assert.rejects(initialize(rig), /fill failed/);
  return rig.storage;
};

/** Whoever won: the store is whole and opens with his shares. */
const expectWhole = async (storage: Storage, shares: readonly string[]): Promise<void> => {
  const rig = rigOver(shamirSeal, storage);
  await unseal(rig, shares);
  assert.equal(await readText(rig.cache), 'filled');
};

test('one who is clearing an unfinished store does not clear what another finished meanwhile', async () => {
  const storage = await unfinished();
  let shares: readonly string[] = [];
  const late = interrupted(storage, {
    call: 'range',
    when: () => true,
    meanwhile: async () => {
      shares = sharesOf(await initialize(rigOver(shamirSeal, storage)));
    },
  });
  const loser = initialize(rigOver(shamirSeal, late));
  await assert.rejects(loser, refusal('conflict', /initialised by somebody else/));
  await expectWhole(storage, shares);
});

test('one who was overtaken right after his first commit does not finish another’s store', async () => {
  const storage = openMemoryStore();
  let shares: readonly string[] = [];
  let markers = 0;
  const isSecondLook = (key: string): boolean => key === '1/-/seal/unfinished' && ++markers === 2;
  const late = interrupted(storage, {
    call: 'get',
    when: isSecondLook,
    meanwhile: async () => {
      const rival = rigOver(shamirSeal, storage);
      rival.failing.add('fill');
      await initialize(rival).catch(() => undefined);
      rival.failing.clear();
    },
  });
  await assert.rejects(initialize(rigOver(shamirSeal, late)), refusal('conflict', /initialised by somebody else/));
  shares = sharesOf(await initialize(rigOver(shamirSeal, storage)));
  await expectWhole(storage, shares);
});

test('one who was overtaken while filling does not finish another’s store', async () => {
  const storage = openMemoryStore();
  const rig = rigOver(shamirSeal, storage);
  const initializing = initialize(rig);
  while (!rig.happened.includes('fill')) await Promise.resolve();
  await commitTo(storage, '1/-/seal/unfinished', new Uint8Array(16));
  await assert.rejects(initializing, refusal('conflict', /initialised by somebody else/));
  assert.equal(await rig.keeper.initialized(), false);
});

test('S26: who writes his own shares and root key into the storage of an open store makes no root token', async () => {
  const rig = rigOver(shamirSeal);
  await unseal(rig, sharesOf(await initialize(rig)));
  const storeId = (await readStoreId(rig.storage)) ?? new Uint8Array(16);
  const { key, shares, verifiers } = deal(random, storeId, { shares: 1, threshold: 1 });
  const config = configWrite({ type: 'shamir', shares: 1, threshold: 1, verifiers });
  await commitTo(rig.storage, config.key, config.value);
  const place = { storeId, key: '1/-/seal/root', term: 0, writeId: random.bytes(16), nonce: random.bytes(12) };
  await commitTo(rig.storage, place.key, sealRecord(new AeadKey(key), place, random.bytes(32)));
  assert.equal(
    await authorise(
      rig,
      shares.map(share => share.toHex()),
    ),
    false,
  );
  assert.equal(rig.happened.includes('token'), false);
});

test('S26: who writes verifiers of his own shares beside the recovery key makes no root token', async () => {
  const current = { id: 'one', key: '07'.repeat(32) };
  const rig = rigOver(
    await openStaticSeal({ current }, { random, resolve: () => Promise.reject(new Error('no file')) }),
  );
  await initialize(rig);
  const storeId = (await readStoreId(rig.storage)) ?? new Uint8Array(16);
  const { shares, verifiers } = deal(random, storeId, { shares: 1, threshold: 1 });
  const config = configWrite({ type: 'static', shares: 1, threshold: 1, verifiers });
  await commitTo(rig.storage, config.key, config.value);
  assert.equal(
    await authorise(
      rig,
      shares.map(share => share.toHex()),
    ),
    false,
  );
  assert.equal(rig.happened.includes('token'), false);
});

test('a root generation that is cancelled while its last share is proved makes no token', async () => {
  const rig = rigOver(shamirSeal);
  const [share = ''] = sharesOf(await initialize(rig, 1, 1));
  await unseal(rig, [share]);
  const { generateRoot } = rig.keeper;
  const { nonce } = await generateRoot.start({});
  const updating = generateRoot.update(share, nonce);
  generateRoot.cancel();
  await assert.rejects(updating, refusal('invalid_request', /cancelled/));
  assert.equal(rig.happened.includes('token'), false);
});
