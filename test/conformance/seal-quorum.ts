/** What a quorum of share holders may do, and what nobody may: rekey, its verification, root generation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeToken } from '@coffer/server/core/seal/pad.ts';
import type { OpenSeal } from './seal-acts.ts';
import { authorise, openRig, openUp, opens, peopleRekey, refusal, replaceShares } from './seal-acts.ts';
import type { Rig } from './seal-rig.ts';
import { laterToken, readText, sharesOf, write } from './seal-rig.ts';

export const rekeyTests = (name: string, openSeal: OpenSeal): void => {
  test(`${name}: new shares replace the old ones; records, and who is open already, stay`, async () => {
    const { seal, rig, made } = await openRig(openSeal);
    await write(rig.cache, 'kept');
    const fresh = await replaceShares(rig, sharesOf(made));
    assert.equal(fresh.length, 4);
    const { threshold, shares } = await rig.keeper.status();
    assert.deepEqual([threshold, shares], [2, 4]);
    assert.equal(await authorise(rig, sharesOf(made)), false);
    assert.equal(await authorise(rig, fresh.slice(2)), true);
    await write(rig.cache, 'kept on');
    const after = await opens(seal, rig.storage, fresh);
    assert.equal(after && (await readText(after.cache)), 'kept on');
  });
};

export const verificationTests = (name: string, openSeal: OpenSeal): void => {
  test(`${name}: with verification the old shares stay in force until the new ones were handed in`, async () => {
    const { rig, made } = await openRig(openSeal);
    const old = sharesOf(made);
    const rekey = peopleRekey(rig);
    const { nonce } = await rekey.start({ secretShares: 3, secretThreshold: 2, requireVerification: true });
    for (const share of old.slice(0, 2)) await rekey.update(share, nonce);
    const done = await rekey.update(old[2] ?? '', nonce);
    assert.ok('complete' in done && done.verificationRequired && done.verificationNonce !== undefined);
    assert.equal((await rekey.status()).verificationNonce, done.verificationNonce);
    assert.equal(await authorise(rig, old), true);
    assert.deepEqual(rekey.verifyStatus(), {
      nonce: done.verificationNonce,
      started: true,
      shares: 3,
      threshold: 2,
      progress: 0,
    });
    await assert.rejects(rekey.verify(done.keys[0] ?? '', nonce), refusal('invalid_request', /nonce/));
    await rekey.verify(done.keys[0] ?? '', done.verificationNonce);
    const again = rekey.restartVerification();
    assert.equal(again.progress, 0);
    assert.notEqual(again.nonce, done.verificationNonce);
    await rekey.verify(old[0] ?? '', again.nonce);
    await assert.rejects(
      rekey.verify(done.keys[0] ?? '', again.nonce),
      refusal('invalid_request', /verification failed/),
    );
    assert.deepEqual(await rekey.verify(done.keys[1] ?? '', again.nonce), { nonce: again.nonce, complete: true });
    assert.equal(await authorise(rig, old), false);
    assert.equal(await authorise(rig, done.keys), true);
    assert.throws(() => rekey.verifyStatus(), refusal('invalid_request', /no rekey verification in progress/));
  });

  test(`${name}: a verification that goes on is not ended an hour after the last old share`, async () => {
    const { rig, made } = await openRig(openSeal);
    const rekey = peopleRekey(rig);
    const { nonce } = await rekey.start({ secretShares: 3, secretThreshold: 2, requireVerification: true });
    const [one = '', two = '', three = ''] = sharesOf(made);
    await rekey.update(one, nonce);
    await rekey.update(two, nonce);
    const done = await rekey.update(three, nonce);
    assert.ok('complete' in done);
    const [first = '', second = ''] = done.keys;
    rig.clock.turn(3_000_000);
    await rekey.verify(first, done.verificationNonce ?? '');
    rig.clock.turn(3_000_000);
    assert.ok('complete' in (await rekey.verify(second, done.verificationNonce ?? '')));
    assert.equal(await authorise(rig, done.keys), true);
  });

  test(`${name}: what waits for verification is given up by cancelling, and after an hour`, async () => {
    for (const giveUp of [(rig: Rig) => peopleRekey(rig).cancel(), (rig: Rig) => rig.clock.turn(3_600_000)]) {
      const { rig, made } = await openRig(openSeal);
      const rekey = peopleRekey(rig);
      const { nonce } = await rekey.start({ secretShares: 3, secretThreshold: 2, requireVerification: true });
      for (const share of sharesOf(made).slice(0, 3)) await rekey.update(share, nonce);
      giveUp(rig);
      const { started, progress, verificationNonce } = await rekey.status();
      assert.deepEqual([started, progress, verificationNonce], [false, 0, undefined]);
      assert.throws(() => rekey.verifyStatus(), refusal('invalid_request'));
      assert.equal(await authorise(rig, sharesOf(made)), true);
    }
  });
};

export const refusalTests = (name: string, openSeal: OpenSeal): void => {
  test(`${name}: a rekey is refused in every wrong way, and none of them changes a key`, async () => {
    const { rig, made } = await openRig(openSeal);
    const [one = '', two = '', three = ''] = sharesOf(made);
    const rekey = peopleRekey(rig);
    const good = { secretShares: 3, secretThreshold: 2 };
    const bad = [
      {},
      { ...good, secretShares: 256 },
      { ...good, secretThreshold: 4 },
      { ...good, secretThreshold: 1 },
      { ...good, secretShares: 1.5 },
    ];
    for (const options of bad)
      await assert.rejects(rekey.start(options), refusal('invalid_request', /^invalid rekey seal conf/));
    await assert.rejects(
      rekey.start({ ...good, pgpKeys: ['x'] }),
      refusal('invalid_request', /pgp_keys is not supported/),
    );
    await assert.rejects(
      rekey.start({ ...good, backup: true }),
      refusal('invalid_request', /without providing PGP keys/),
    );
    await assert.rejects(rekey.update(one, ''), refusal('invalid_request', /^no rekey in progress$/));
    const { nonce } = await rekey.start(good);
    await assert.rejects(rekey.start(good), refusal('invalid_request', /^rekey already in progress$/));
    await assert.rejects(rekey.update(one, 'x'), refusal('invalid_request', /^incorrect nonce supplied/));
    await assert.rejects(rekey.update('not-a-key', nonce), refusal('invalid_request', /valid hex or base64/));
    await rekey.update(one, nonce);
    await assert.rejects(rekey.update(one, nonce), refusal('invalid_request', /already been provided/));
    await rekey.update('ab'.repeat(33), nonce);
    await assert.rejects(rekey.update(two, nonce), refusal('invalid_request', /^rekey failed, invalid key$/));
    assert.equal((await rekey.status()).progress, 2, 'genuine shares stay');
    rekey.cancel();
    await assert.rejects(rekey.update(three, nonce), refusal('invalid_request', /^no rekey in progress$/));
    assert.equal(await authorise(rig, [one, two, three]), true);
  });

  test(`${name}: S14: an abandoned rekey and root generation free their slots after an hour`, async () => {
    const { rig, made } = await openRig(openSeal);
    const rekey = peopleRekey(rig);
    const { nonce } = await rekey.start({ secretShares: 3, secretThreshold: 2 });
    await rig.keeper.generateRoot.start({});
    rig.clock.turn(1_800_000);
    await rekey.update(sharesOf(made)[0] ?? '', nonce);
    rig.clock.turn(1_800_000);
    assert.equal((await rekey.status()).started, true);
    assert.equal((await rig.keeper.generateRoot.status()).started, false);
    rig.clock.turn(1_800_000);
    assert.equal((await rekey.status()).started, false);
    assert.equal(rig.clock.waiting, 0);
  });
};

export const rootTests = (name: string, openSeal: OpenSeal): void => {
  test(`${name}: a root token leaves only under the pad, whoever made the pad`, async () => {
    const { rig, made } = await openRig(openSeal);
    const { generateRoot } = rig.keeper;
    const idle = await generateRoot.status();
    assert.deepEqual(idle, {
      nonce: '',
      started: false,
      progress: 0,
      required: 3,
      complete: false,
      encodedToken: '',
      otp: '',
      otpLengthBytes: laterToken.length,
    });
    await assert.rejects(
      generateRoot.start({ otp: 'short' }),
      refusal('invalid_request', /^OTP string is wrong length/),
    );
    await assert.rejects(generateRoot.start({ pgpKey: 'x' }), refusal('invalid_request', /pgp_key is not supported/));
    const otp = 'p'.repeat(laterToken.length);
    const started = await generateRoot.start({ otp });
    assert.deepEqual([started.otp, started.started], ['', true]);
    await assert.rejects(generateRoot.start({}), refusal('invalid_request', /^root generation already in progress$/));
    const shares = sharesOf(made);
    for (const share of shares.slice(3)) await generateRoot.update(share, started.nonce);
    assert.equal((await generateRoot.status()).progress, 2);
    const done = await generateRoot.update(shares[0] ?? '', started.nonce);
    assert.deepEqual([done.complete, done.progress, done.encodedToken.includes(laterToken)], [true, 3, false]);
    assert.equal(decodeToken(done.encodedToken, otp), laterToken);
    assert.equal((await generateRoot.status()).started, false);
    assert.equal(rig.happened.filter(one => one === 'token').length, 1);
  });

  test(`${name}: a wrong quorum makes no root token`, async () => {
    const { rig } = await openRig(openSeal);
    const wrong = ['01', '02', '03'].map(byte => byte.repeat(33));
    assert.equal(await authorise(rig, wrong), false);
    assert.equal(rig.happened.includes('token'), false);
  });

  test(`${name}: sealing ends what quorums had begun`, async () => {
    const { rig, made } = await openRig(openSeal);
    const { nonce } = await peopleRekey(rig).start({ secretShares: 3, secretThreshold: 2 });
    await rig.keeper.generateRoot.start({});
    await rig.keeper.seal();
    await openUp(rig, sharesOf(made));
    assert.equal((await peopleRekey(rig).status()).started, false);
    assert.equal((await rig.keeper.generateRoot.status()).started, false);
    await assert.rejects(peopleRekey(rig).update(sharesOf(made)[0] ?? '', nonce), refusal('invalid_request'));
  });

  test(`${name}: two nodes that replace the shares at once: one does, and its shares are in force`, async () => {
    const { seal, rig, made } = await openRig(openSeal);
    const other = await opens(seal, rig.storage, sharesOf(made));
    assert.ok(other);
    const ends = await Promise.allSettled([rig, other].map(one => replaceShares(one, sharesOf(made))));
    const [won, ...more] = ends.flatMap(end => (end.status === 'fulfilled' ? [end.value] : []));
    assert.equal(more.length, 0);
    for (const end of ends) if (end.status === 'rejected') refusal('conflict')(end.reason);
    const after = await opens(seal, rig.storage, won ?? []);
    assert.ok(after && won);
    assert.equal(await authorise(after, won), true);
  });
};
