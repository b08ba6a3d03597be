import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../../../../test/conformance/seal-acts.ts';
import { initialize, rigOver, sharesOf, unseal } from '../../../../../test/conformance/seal-rig.ts';
import { openMemoryStore } from '../../platform/memory/store.ts';
import { idleMs } from './idle.ts';
import { shamirSeal } from './static.ts';
import { resetSpacingMs } from './unseal.ts';

const sealedRig = async (shares = 5, threshold = 3) => {
  const rig = rigOver(shamirSeal, openMemoryStore());
  const keys = sharesOf(await initialize(rig, shares, threshold));
  return { rig, keeper: rig.keeper, keys };
};
const junk = (seed: number): string => seed.toString(16).padStart(66, '0');

test('shares count once each, in hex or base64; the nonce names the unsealing from its first share on', async () => {
  const { keeper, keys } = await sealedRig();
  const [one = '', two = '', three = ''] = keys;
  assert.deepEqual([(await keeper.status()).progress, (await keeper.status()).nonce], [0, '']);
  const { nonce, progress } = await keeper.submitKey(one);
  assert.equal(progress, 1);
  assert.match(nonce, /^[0-9a-f-]{36}$/);
  assert.equal((await keeper.submitKey(one)).progress, 1);
  assert.equal((await keeper.submitKey(one.toUpperCase())).progress, 1);
  assert.equal((await keeper.submitKey(Uint8Array.fromHex(one).toBase64())).progress, 1);
  const second = await keeper.submitKey(Uint8Array.fromHex(two).toBase64());
  assert.deepEqual([second.progress, second.nonce, second.sealed], [2, nonce, true]);
  const last = await keeper.submitKey(three);
  assert.deepEqual([last.progress, last.nonce, last.sealed], [0, '', false]);
  assert.equal((await keeper.submitKey('anything')).sealed, false);
});

test('a quorum of wrong shares is refused and progress begins anew', async () => {
  const { keeper, keys } = await sealedRig();
  for (const seed of [1, 2]) await keeper.submitKey(junk(seed));
  assert.equal((await keeper.status()).progress, 2);
  await assert.rejects(keeper.submitKey(junk(3)), refusal('invalid_request', /^Unseal failed, invalid key$/));
  assert.deepEqual([(await keeper.status()).progress, (await keeper.status()).nonce], [0, '']);
  for (const key of keys.slice(0, 3)) await keeper.submitKey(key);
  assert.equal(keeper.sealed, false);
});

test('what is no key at all is refused, and does not count', async () => {
  const { keeper } = await sealedRig();
  await assert.rejects(
    keeper.submitKey(''),
    refusal('invalid_request', /^'key' must be specified in request body as JSON/),
  );
  for (const text of ['z-z', 'é', '=', 'a'.repeat(5000)]) {
    await assert.rejects(
      keeper.submitKey(text),
      refusal('invalid_request', /^'key' must be a valid hex or base64 string$/),
    );
  }
  await assert.rejects(keeper.submitKey('aa'.repeat(15)), refusal('invalid_request', /shorter than minimum 16 bytes/));
  await assert.rejects(keeper.submitKey('aa'.repeat(34)), refusal('invalid_request', /longer than maximum 33 bytes/));
  assert.equal((await keeper.status()).progress, 0);
});

test('reset forgets the shares; on an open store it is refused', async () => {
  const { rig, keeper, keys } = await sealedRig();
  await keeper.submitKey(keys[0] ?? '');
  assert.equal(keeper.resetProgress(), 0);
  assert.equal((await keeper.status()).progress, 0);
  await unseal(rig, keys.slice(1, 4));
  assert.equal(keeper.sealed, false);
  assert.throws(() => keeper.resetProgress(), refusal('invalid_request', /^vault is unsealed$/));
});

test('S14: a flood of false shares cannot keep the holders of genuine ones out, nor fill memory', async () => {
  const { rig, keeper, keys } = await sealedRig();
  let seed = 1;
  const flood = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await keeper.submitKey(junk(seed++)).catch(refusal('invalid_request', /invalid key/));
    assert.ok((await keeper.status()).progress < 3);
  };
  for (const key of keys.slice(0, 3)) {
    await flood();
    await keeper.submitKey(key).catch(refusal('invalid_request', /invalid key/));
  }
  assert.equal(keeper.sealed, false);
  assert.equal(rig.clock.waiting, 0);
});

test('S14: a flood of resets leaves those who hold the shares a minute at a time', async () => {
  const { rig, keeper, keys } = await sealedRig();
  const [one = '', two = '', three = ''] = keys;
  await keeper.submitKey(one);
  assert.equal(keeper.resetProgress(), 0);
  await keeper.submitKey(one);
  assert.equal(keeper.resetProgress(), 1);
  await keeper.submitKey(two);
  rig.clock.turn(resetSpacingMs - 1);
  assert.equal(keeper.resetProgress(), 2);
  await keeper.submitKey(three);
  assert.equal(keeper.sealed, false);
});

test('a second reset within the minute forgets the mistyped share and keeps the others', async () => {
  const { rig, keeper, keys } = await sealedRig();
  const [one = '', two = ''] = keys;
  await keeper.submitKey(one);
  keeper.resetProgress();
  await keeper.submitKey(one);
  await keeper.submitKey(junk(1));
  assert.equal((await keeper.status()).progress, 2);
  keeper.resetProgress();
  assert.equal((await keeper.status()).progress, 1);
  rig.clock.turn(resetSpacingMs);
  keeper.resetProgress();
  assert.equal((await keeper.status()).progress, 0);
  await keeper.submitKey(two);
});

test('a reset that loses no genuine share is always taken', async () => {
  const { keeper, keys } = await sealedRig();
  await keeper.submitKey(keys[0] ?? '');
  keeper.resetProgress();
  for (const seed of [1, 2, 3]) {
    await keeper.submitKey(junk(seed));
    assert.equal(keeper.resetProgress(), 0);
    assert.equal((await keeper.status()).progress, 0);
  }
});

test('shares handed in are forgotten an hour after the last', async () => {
  const { rig, keeper, keys } = await sealedRig();
  await keeper.submitKey(keys[0] ?? '');
  rig.clock.turn(idleMs - 1);
  await keeper.submitKey(keys[1] ?? '');
  rig.clock.turn(idleMs - 1);
  assert.equal((await keeper.status()).progress, 2);
  rig.clock.turn(1);
  assert.deepEqual([(await keeper.status()).progress, (await keeper.status()).nonce], [0, '']);
});

test('shares of a configuration that another node replaced meanwhile do not count any more', async () => {
  const { rig, keeper, keys } = await sealedRig();
  await keeper.submitKey(keys[0] ?? '');
  const other = rigOver(shamirSeal, rig.storage);
  await unseal(other, keys.slice(0, 3));
  const { nonce } = await other.keeper.rekey.start({ secretShares: 1, secretThreshold: 1 });
  for (const key of keys.slice(0, 2)) await other.keeper.rekey.update(key, nonce);
  const done = await other.keeper.rekey.update(keys[2] ?? '', nonce);
  assert.ok('complete' in done);
  await assert.rejects(keeper.submitKey(keys[1] ?? ''), refusal('invalid_request', /invalid key/));
  assert.equal((await keeper.submitKey(done.keys[0] ?? '')).sealed, false);
});

test('one share opens a store of one share', async () => {
  const { keeper, keys } = await sealedRig(1, 1);
  assert.equal((await keeper.submitKey(keys[0] ?? '')).sealed, false);
});

test('several who hand in the last share at once open the store once', async () => {
  const { rig, keeper, keys } = await sealedRig(6, 2);
  await Promise.all(keys.map(key => keeper.submitKey(key)));
  assert.equal(keeper.sealed, false);
  assert.equal(rig.happened.filter(one => one === 'unsealed').length, 1);
});

test('sealing while what needs the store is being made ready leaves it sealed', async () => {
  const { rig, keys } = await sealedRig(1, 1);
  const opening = unseal(rig, keys);
  while (!rig.happened.includes('unsealed')) await Promise.resolve();
  await rig.keeper.seal();
  await assert.rejects(opening, refusal('sealed'));
  await rig.barrier.unseal(new Uint8Array(32)).catch(() => undefined);
  assert.equal(rig.keeper.sealed, true);
  await unseal(rig, keys);
  assert.equal(rig.keeper.sealed, false);
});

test('S26: shares whose root key record was damaged open nothing, and say so', async () => {
  const { rig, keys } = await sealedRig();
  const stored = await rig.storage.get('1/-/seal/root');
  assert.ok(stored);
  const change = (value: Uint8Array | undefined) =>
    rig.storage.commit({ id: crypto.randomUUID().replaceAll('-', ''), writes: [{ key: '1/-/seal/root', value }] });
  await change(stored.value.with(40, (stored.value[40] ?? 0) ^ 1));
  await assert.rejects(unseal(rig, keys.slice(0, 3)), refusal('invalid_request', /invalid key/));
  await change(undefined);
  await assert.rejects(unseal(rig, keys.slice(0, 3)), refusal('data_corrupt', /"1\/-\/seal\/root" is missing/));
  await change(stored.value);
  await unseal(rig, keys.slice(0, 3));
  assert.equal(rig.keeper.sealed, false);
});

test('a damaged seal configuration is named', async () => {
  const { rig, keeper } = await sealedRig();
  const bad = [
    '\u0002{}',
    '\u0001{',
    '\u0001{"type":"shamir","shares":5,"threshold":6,"verifiers":[]}',
    '\u0001{"type":"shamir","shares":1,"threshold":1,"verifiers":[]}',
  ];
  for (const text of bad) {
    const value = new TextEncoder().encode(text);
    await rig.storage.commit({
      id: crypto.randomUUID().replaceAll('-', ''),
      writes: [{ key: '1/-/seal/config', value }],
    });
    await assert.rejects(keeper.status(), refusal('data_corrupt', /"1\/-\/seal\/config"/));
  }
});
