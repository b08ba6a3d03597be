import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../../../../test/conformance/seal-acts.ts';
import { initialize, rigOver, sharesOf, unseal } from '../../../../../test/conformance/seal-rig.ts';
import type { Seal } from '../../contracts/seal.ts';
import { realRandom } from '../../platform/random/real.ts';
import { openStaticSeal, shamirSeal } from './static.ts';

const staticSeal = (): Promise<Seal> =>
  openStaticSeal(
    { current: { id: 'one', key: '07'.repeat(32) } },
    { random: realRandom(), resolve: () => Promise.reject(new Error('no file')) },
  );

test('shares out of range are refused, with what is wrong, and nothing is written', async () => {
  const rig = rigOver(shamirSeal);
  const bad = [
    [0, 0, /shares must be at least one/],
    [1, 0, /threshold must be at least one/],
    [256, 3, /shares must be at most 255/],
    [3, 4, /threshold cannot be larger than shares/],
    [3, 1, /threshold must be greater than one for multiple shares/],
    [-1, 1, /shares must be at least one/],
  ] as const;
  for (const [secretShares, secretThreshold, pattern] of bad) {
    await assert.rejects(rig.keeper.initialize({ secretShares, secretThreshold }), refusal('invalid_request', pattern));
  }
  assert.equal((await rig.storage.range('')).length, 0);
});

test('fields of the other kind of seal, and PGP keys, are refused by name', async () => {
  const good = { secretShares: 1, secretThreshold: 1 };
  const keeper = () => rigOver(shamirSeal).keeper;
  const recovery = /^parameters recovery_shares not applicable to seal type shamir$/;
  await assert.rejects(keeper().initialize({ ...good, recoveryShares: 1 }), refusal('invalid_request', recovery));
  await assert.rejects(
    keeper().initialize({ ...good, pgpKeys: ['x'] }),
    refusal('invalid_request', /^pgp_keys is not/),
  );
  await assert.rejects(
    keeper().initialize({ ...good, rootTokenPgpKey: 'x' }),
    refusal('invalid_request', /^root_token_pgp_key/),
  );
  const auto = rigOver(await staticSeal()).keeper;
  const secret = /^parameters secret_shares,secret_threshold not applicable to seal type static$/;
  await assert.rejects(auto.initialize(good), refusal('invalid_request', secret));
  await assert.rejects(
    auto.initialize({ recoveryShares: 2, recoveryThreshold: 1 }),
    refusal('invalid_request', /^invalid recovery/),
  );
});

test('a seal that opens by itself answers recovery keys and stays open; without them no quorum is possible', async () => {
  const rig = rigOver(await staticSeal());
  const made = await initialize(rig, 3, 2);
  assert.deepEqual([made.keys, made.recovery?.keys.length, rig.keeper.sealed], [[], 3, false]);
  assert.deepEqual(rig.happened, ['fill', 'unsealed']);
  const none = rigOver(await staticSeal());
  const without = await none.keeper.initialize({});
  assert.deepEqual(without.recovery?.keys, []);
  await assert.rejects(none.keeper.generateRoot.start({}), refusal('invalid_request', /without recovery keys/));
});

test('a seal that opens by itself is not opened by strangers after it was sealed', async () => {
  const rig = rigOver(await staticSeal());
  const made = await initialize(rig, 1, 1);
  await rig.keeper.seal();
  const refused = refusal('invalid_request', /opens by itself when the server starts/);
  await assert.rejects(rig.keeper.submitKey(sharesOf(made)[0] ?? ''), refused);
  assert.equal(rig.keeper.sealed, true);
});

test('the root key alone is replaced where the seal opens by itself', async () => {
  const seal = await staticSeal();
  const rig = rigOver(seal);
  const made = await initialize(rig, 3, 2);
  const before = (await rig.storage.get('1/-/seal/root'))?.revision;
  await rig.keeper.rotateRootKey();
  assert.notEqual((await rig.storage.get('1/-/seal/root'))?.revision, before);
  const { nonce, required } = await rig.keeper.rekey.start({});
  assert.equal(required, 2);
  await rig.keeper.rekey.update(sharesOf(made)[0] ?? '', nonce);
  const done = await rig.keeper.rekey.update(sharesOf(made)[1] ?? '', nonce);
  assert.ok('complete' in done);
  assert.deepEqual(done.keys, []);
  await assert.rejects(
    rig.keeper.rekey.start({ secretShares: 3, secretThreshold: 2 }),
    refusal('invalid_request', /opens by itself/),
  );
  assert.equal(await rigOver(seal, rig.storage).keeper.autoUnseal(), true);
});

test('people’s root key is not replaced without their shares', async () => {
  const rig = rigOver(shamirSeal);
  await unseal(rig, sharesOf(await initialize(rig, 1, 1)));
  await assert.rejects(rig.keeper.rotateRootKey(), refusal('invalid_request', /rotate\/root\/init/));
  assert.equal(rig.keeper.recoveryRekey, undefined);
});

test('neither the shares nor the keys they make lie in the store in clear', async () => {
  const rig = rigOver(shamirSeal);
  const made = await initialize(rig, 3, 2);
  const all = await rig.storage.range('');
  const stored = all.map(({ value }) => value.toHex()).join('|');
  for (const key of made.keys)
    assert.equal(stored.includes(key) || stored.includes(Buffer.from(key).toString('hex')), false);
  assert.equal(stored.includes(Buffer.from('filled').toString('hex')), false);
  assert.deepEqual(
    all.map(({ key }) => key),
    ['1/-/barrier/keyring', '1/-/barrier/store', '1/-/seal/config', '1/-/seal/root', '1/-/test/record'],
  );
});

test('S26: a recovery key that a storage attacker puts in place authorises nothing', async () => {
  const seal = await staticSeal();
  const [victim, attacker] = [rigOver(seal), rigOver(seal)];
  await initialize(victim, 1, 1);
  const theirs = await initialize(attacker, 1, 1);
  for (const key of ['1/-/seal/config', '1/-/seal/recovery']) {
    const value = (await attacker.storage.get(key))?.value;
    await victim.storage.commit({ id: crypto.randomUUID().replaceAll('-', ''), writes: [{ key, value }] });
  }
  const { nonce } = await victim.keeper.generateRoot.start({});
  const refused = (error: unknown): boolean =>
    ['invalid_request', 'data_corrupt'].includes((error as { code: string }).code);
  await assert.rejects(victim.keeper.generateRoot.update(sharesOf(theirs)[0] ?? '', nonce), refused);
  assert.equal(victim.happened.includes('token'), false);
});

test('sealing while a first filling is under way ends it; the store is initialised afterwards from nothing', async () => {
  const rig = rigOver(shamirSeal);
  const initializing = initialize(rig, 1, 1);
  while (rig.barrier.sealed) await Promise.resolve();
  await rig.keeper.seal();
  await assert.rejects(initializing);
  assert.equal(rig.keeper.sealed, true);
  await unseal(rig, sharesOf(await initialize(rig, 1, 1)));
  assert.equal(rig.keeper.sealed, false);
});

test('F1: what is shown once is kept before the store counts as initialised; an attempt that fails there is taken up again', async () => {
  const rig = rigOver(await staticSeal());
  const kept: (readonly [key: string | undefined, initialized: boolean])[] = [];
  const attempt = (fails: boolean) =>
    rig.keeper.initialize({
      recoveryShares: 1,
      recoveryThreshold: 1,
      keep: async made => {
        kept.push([made.recovery?.keys[0], await rig.keeper.initialized()]);
        if (fails) throw new Error('no room');
      },
    });
  await assert.rejects(attempt(true), /no room/);
  assert.deepEqual([await rig.keeper.initialized(), rig.keeper.sealed], [false, true]);
  const made = await attempt(false);
  assert.deepEqual(
    kept.map(([, initialized]) => initialized),
    [false, false],
  );
  assert.equal(kept[1]?.[0], made.recovery?.keys[0]);
  assert.notEqual(kept[0]?.[0], kept[1]?.[0]);
});
