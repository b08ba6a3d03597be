/** Crashes before and after every commit of every change of keys. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InitResult } from '@coffer/server/core/seal/initialize.ts';
import { openMemoryStore } from '@coffer/server/platform/memory/store.ts';
import type { OpenSeal } from './seal-acts.ts';
import { authorise, openRig, openUp, opens, peopleRekey, refusal } from './seal-acts.ts';
import { Crash, CrashingStorage } from './seal-bed.ts';
import type { Rig } from './seal-rig.ts';
import { initialize, readText, rigOver, sharesOf } from './seal-rig.ts';

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

export const crashTests = (name: string, openSeal: OpenSeal): void => {
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
        assert.ok(end instanceof Crash, `commit ${at}`);
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
