import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peopleRekey, refusal } from '../../../../../test/conformance/seal-acts.ts';
import { initialize, rigOver, sharesOf, unseal } from '../../../../../test/conformance/seal-rig.ts';
import { shamirSeal } from './static.ts';

test('F1: cancelling while the new key goes into the store cannot wipe it there: old or new shares open', async () => {
  for (let turns = 0; turns < 40; turns++) {
    const rig = rigOver(shamirSeal);
    const [old = ''] = sharesOf(await initialize(rig, 1, 1));
    await unseal(rig, [old]);
    const rekey = peopleRekey(rig);
    const { nonce } = await rekey.start({ secretShares: 1, secretThreshold: 1, requireVerification: true });
    const done = await rekey.update(old, nonce);
    assert.ok('complete' in done);
    const [fresh = ''] = done.keys;
    const verifying = rekey.verify(fresh, done.verificationNonce ?? '').catch(refusal('invalid_request'));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    rekey.cancel();
    await verifying;
    const after = rigOver(shamirSeal, rig.storage);
    await unseal(after, [fresh]).catch(refusal('invalid_request', /invalid key/));
    if (after.keeper.sealed) await unseal(after, [old]);
    assert.equal(after.keeper.sealed, false, `${turns}`);
  }
});

test('cancelling at any moment of the last old share: no new shares come out, or they are in force', async () => {
  for (let turns = 0; turns < 40; turns++) {
    const rig = rigOver(shamirSeal);
    const [old = ''] = sharesOf(await initialize(rig, 1, 1));
    await unseal(rig, [old]);
    const { nonce } = await rig.keeper.rekey.start({ secretShares: 2, secretThreshold: 2 });
    const updating = rig.keeper.rekey.update(old, nonce).catch((error: Error) => error);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    rig.keeper.rekey.cancel();
    const end = await updating;
    const after = rigOver(shamirSeal, rig.storage);
    if (end instanceof Error) refusal('invalid_request', /cancelled/)(end);
    await unseal(after, 'keys' in end ? end.keys : [old]);
    assert.equal(after.keeper.sealed, false, `${turns}`);
  }
});

test('cancelling at any moment leaves no new shares waiting for verification', async () => {
  for (let turns = 0; turns < 20; turns++) {
    const rig = rigOver(shamirSeal);
    const [old = ''] = sharesOf(await initialize(rig, 1, 1));
    await unseal(rig, [old]);
    const { rekey } = rig.keeper;
    const { nonce } = await rekey.start({ secretShares: 2, secretThreshold: 2, requireVerification: true });
    const updating = rekey.update(old, nonce).catch(refusal('invalid_request', /cancelled/));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    rekey.cancel();
    await updating;
    assert.throws(() => rekey.verifyStatus(), refusal('invalid_request', /no rekey verification/), `${turns}`);
  }
});

test('a seal without a recovery key offers no rekey of one', () => {
  assert.equal(rigOver(shamirSeal).keeper.recoveryRekey, undefined);
});
