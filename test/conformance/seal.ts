/** What every seal must do, whether people hold its key or it opens by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CofferError } from '@coffer/schema/errors.ts';
import type { Seal } from '@coffer/server/contracts/seal.ts';
import type { Storage } from '@coffer/server/contracts/storage.ts';
import type { InitResult } from '@coffer/server/core/seal/initialize.ts';
import { decodeToken } from '@coffer/server/core/seal/pad.ts';
import type { Rekey } from '@coffer/server/core/seal/rekey.ts';
import { openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import { Crash, CrashingStorage } from './seal-bed.ts';
import type { Rig } from './seal-rig.ts';
import { firstToken, initialize, laterToken, readText, rigOver, sharesOf, unseal, write } from './seal-rig.ts';

export type OpenSeal = () => Promise<Seal>;

export const refusal =
  (code: string, pattern = /./) =>
  (error: unknown): boolean => {
    assert.equal((error as CofferError).code, code);
    assert.match((error as CofferError).publicMessage, pattern);
    return true;
  };

/** Opens a sealed store in whichever way the seal has. */
const openUp = async (rig: Rig, shares: readonly string[]): Promise<void> => {
  if (await rig.keeper.autoUnseal()) return;
  await unseal(rig, shares);
};

const opens = async (seal: Seal, storage: Storage, shares: readonly string[]): Promise<Rig | undefined> => {
  const rig = rigOver(seal, storage);
  await openUp(rig, shares).catch(() => undefined);
  return rig.keeper.sealed ? undefined : rig;
};

const openRig = async (openSeal: OpenSeal, storage?: Storage) => {
  const seal = await openSeal();
  const rig = rigOver(seal, storage);
  const made = await initialize(rig);
  await openUp(rig, sharesOf(made));
  return { seal, rig, made };
};

/** The rekey of the key that people hold. */
const peopleRekey = ({ keeper }: Rig): Rekey => keeper.recoveryRekey ?? keeper.rekey;

/** Replaces the shares by 4, 2 needed; answers the new ones. */
const replaceShares = async (rig: Rig, old: readonly string[]): Promise<readonly string[]> => {
  const rekey = peopleRekey(rig);
  const { nonce, required } = await rekey.start({ secretShares: 4, secretThreshold: 2 });
  let last = await rekey.update(old[0] ?? '', nonce);
  for (const share of old.slice(1, required)) last = await rekey.update(share, nonce);
  assert.ok('complete' in last);
  return last.keys;
};

/** Whether a quorum of these shares makes a root token. */
const authorise = async (rig: Rig, shares: readonly string[]): Promise<boolean> => {
  const { nonce, required, otp } = await rig.keeper.generateRoot.start({});
  try {
    let last = await rig.keeper.generateRoot.status();
    for (const share of shares.slice(0, required)) last = await rig.keeper.generateRoot.update(share, nonce);
    return decodeToken(last.encodedToken, otp) === laterToken;
  } catch (error) {
    refusal('invalid_request', /^root generation failed, invalid key$/)(error);
    rig.keeper.generateRoot.cancel();
    return false;
  }
};

const lifeTests = (name: string, openSeal: OpenSeal): void => {
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

const quorumTests = (name: string, openSeal: OpenSeal): void => {
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
    const after = await opens(seal, rig.storage, won ?? []);
    assert.ok(after && won);
    assert.equal(await authorise(after, won), true);
  });
};

/** The change is cut off at each of its commits, until it gets through; each time exactly one set of shares is in force. */
const crashEach = async (openSeal: OpenSeal, when: 'before' | 'after'): Promise<void> => {
  for (let at = 0; ; at++) {
    const { seal, rig, made } = await openRig(openSeal);
    const crashing = new CrashingStorage(rig.storage, at, when);
    const doomed = await opens(seal, crashing, sharesOf(made));
    if (doomed === undefined) continue;
    const fresh = await changeAll(doomed, made);
    const old = await opens(seal, rig.storage, sharesOf(made));
    assert.equal(crashing.crashed, !fresh.finished);
    if (fresh.finished) return;
    const working = old ?? (await opens(seal, rig.storage, fresh.shares));
    assert.ok(working, `commit ${at}: opens with neither`);
    assert.equal(await readText(working.cache), 'filled');
    const proofs = [
      await authorise(working, sharesOf(made)),
      fresh.shares.length > 0 && (await authorise(working, fresh.shares)),
    ];
    assert.equal(proofs.filter(Boolean).length, proofs[0] || fresh.shares.length > 0 ? 1 : 0, `commit ${at}`);
  }
};

/** Shares are known before they are in force, so that the test can try them after a crash. */
const changeAll = async (rig: Rig, made: InitResult) => {
  const old = sharesOf(made);
  const rekey = peopleRekey(rig);
  const shares: string[] = [];
  try {
    await rig.barrier.rotate();
    if (made.recovery !== undefined) await rig.keeper.rotateRootKey();
    const { nonce } = await rekey.start({ secretShares: 3, secretThreshold: 2, requireVerification: true });
    for (const share of old.slice(0, 2)) await rekey.update(share, nonce);
    const done = await rekey.update(old[2] ?? '', nonce);
    assert.ok('complete' in done);
    shares.push(...done.keys);
    for (const share of done.keys.slice(0, 2)) await rekey.verify(share, done.verificationNonce ?? '');
    return { shares, finished: true };
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return { shares, finished: false };
  }
};

const crashTests = (name: string, openSeal: OpenSeal): void => {
  for (const when of ['before', 'after'] as const) {
    test(`${name}: F1: a crash ${when} any commit of rotation and rekey leaves the old or the new shares in force`, async () => {
      await crashEach(openSeal, when);
    });

    test(`${name}: F1: a crash ${when} any commit of initialising leaves a store that can be initialised, or is`, async () => {
      const seal = await openSeal();
      for (let at = 0; ; at++) {
        const memory = openMemoryStore();
        const crashing = new CrashingStorage(memory, at, when);
        const end = await initialize(rigOver(seal, crashing)).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (end === undefined) return;
        assert.ok(end instanceof Crash, `commit ${at}: ${String(end)}`);
        const next = rigOver(seal, memory);
        if (await next.keeper.initialized()) continue;
        const made = await initialize(next);
        await openUp(next, sharesOf(made));
        assert.equal(await readText(next.cache), 'filled');
      }
    });
  }

  test(`${name}: a first filling that fails can be done again, from nothing`, async () => {
    const rig = rigOver(await openSeal());
    rig.failing.add('fill');
    await assert.rejects(initialize(rig), /fill failed/);
    assert.deepEqual([rig.keeper.sealed, await rig.keeper.initialized()], [true, false]);
    rig.failing.clear();
    const made = await initialize(rig);
    await openUp(rig, sharesOf(made));
    assert.equal(await readText(rig.cache), 'filled');
  });

  test(`${name}: S26: a store whose seal configuration is gone is not initialised over`, async () => {
    const { seal, rig } = await openRig(openSeal);
    const { memory, key } = { memory: rig.storage, key: '1/-/seal/config' };
    await memory.commit({ id: '0'.repeat(32), writes: [{ key, value: undefined }] });
    const head = await memory.get('1/-/test/record');
    await assert.rejects(initialize(rigOver(seal, memory)), refusal('data_corrupt', /nothing was changed/));
    assert.deepEqual(await memory.get('1/-/test/record'), head);
  });
};

export const sealSuite = (name: string, openSeal: OpenSeal): void => {
  lifeTests(name, openSeal);
  quorumTests(name, openSeal);
  crashTests(name, openSeal);
};
