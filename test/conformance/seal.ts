/** What every seal must do, whether people hold its key or it opens by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenSeal } from './seal-acts.ts';
import { openRig, openUp, opens, refusal } from './seal-acts.ts';
import { crashTests } from './seal-crash.ts';
import { refusalTests, rekeyTests, rootTests, verificationTests } from './seal-quorum.ts';
import { firstToken, initialize, readText, rigOver, sharesOf, write } from './seal-rig.ts';

const initTests = (name: string, openSeal: OpenSeal): void => {
  test(`${name}: before initialising, the store is sealed, empty, and says so`, async () => {
    const rig = rigOver(await openSeal());
    const { threshold, shares, progress, nonce, initialized, sealed } = await rig.keeper.status();
    assert.deepEqual([threshold, shares, progress, nonce, initialized, sealed], [0, 0, 0, '', false, true]);
    await assert.rejects(rig.keeper.submitKey('aa'.repeat(33)), refusal('not_initialized'));
    assert.equal(await rig.keeper.autoUnseal(), false);
    assert.equal(await rig.keeper.initialized(), false);
  });

  test(`${name}: initialising answers all shares and the first token, once`, async () => {
    const rig = rigOver(await openSeal());
    const made = await initialize(rig);
    assert.equal(new Set(sharesOf(made)).size, 5);
    assert.equal(made.rootToken, firstToken);
    const texts = made.recovery ?? made;
    assert.deepEqual(
      texts.keysBase64.map(key => Uint8Array.fromBase64(key).toHex()),
      texts.keys,
    );
    await assert.rejects(initialize(rig), refusal('invalid_request', /^Vault is already initialized$/));
    const { threshold, shares, initialized } = await rig.keeper.status();
    assert.deepEqual([threshold, shares, initialized], [3, 5, true]);
  });

  test(`${name}: two who initialise at once: one wins`, async () => {
    const rig = rigOver(await openSeal());
    const ends = await Promise.allSettled([initialize(rig), initialize(rig), initialize(rig)]);
    assert.deepEqual(ends.map(end => end.status).toSorted(), ['fulfilled', 'rejected', 'rejected']);
  });
};

const lifeTests = (name: string, openSeal: OpenSeal): void => {
  test(`${name}: what was written is there after a restart`, async () => {
    const { seal, rig, made } = await openRig(openSeal);
    assert.equal(await readText(rig.cache), 'filled');
    await write(rig.cache, 'kept');
    const after = await opens(seal, rig.storage, sharesOf(made));
    assert.equal(after && (await readText(after.cache)), 'kept');
  });

  test(`${name}: sealing takes everything out of memory, and the store opens again`, async () => {
    const { rig, made } = await openRig(openSeal);
    await readText(rig.cache);
    await rig.keeper.seal();
    assert.equal((await rig.keeper.status()).sealed, true);
    assert.equal(rig.cache.bytes, 0);
    assert.equal(rig.happened.at(-1), 'sealed');
    await assert.rejects(async () => readText(rig.cache), refusal('sealed'));
    await assert.rejects(rig.keeper.generateRoot.start({}), refusal('sealed'));
    await openUp(rig, sharesOf(made));
    assert.equal(await readText(rig.cache), 'filled');
  });

  test(`${name}: where what needs the store cannot be made ready, it is sealed again, and opens later`, async () => {
    const { rig, made } = await openRig(openSeal);
    await rig.keeper.seal();
    rig.failing.add('unsealed');
    await assert.rejects(openUp(rig, sharesOf(made)), /unsealed failed/);
    assert.equal(rig.keeper.sealed, true);
    assert.equal(rig.barrier.sealed, true);
    rig.failing.clear();
    await openUp(rig, sharesOf(made));
    assert.equal(rig.keeper.sealed, false);
  });

  test(`${name}: a store sealed in another way is refused by name, not guessed at`, async () => {
    const { rig } = await openRig(openSeal);
    const other = rigOver({ type: 'other', auto: (await openSeal()).auto }, rig.storage);
    const share = 'aa'.repeat(33);
    const refused = refusal('invalid_request', /seal type (shamir|static), the server is configured for other/);
    await assert.rejects(
      other.keeper.autoUnseal().then(() => other.keeper.submitKey(share)),
      refused,
    );
  });
};

export const sealSuite = (name: string, openSeal: OpenSeal): void => {
  for (const part of [initTests, lifeTests, rekeyTests, verificationTests, refusalTests, rootTests, crashTests]) {
    part(name, openSeal);
  }
};
