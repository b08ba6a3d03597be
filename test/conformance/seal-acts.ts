/** What the suites over seals do again and again: open a store in its seal's way, replace shares, make a root token. */
import assert from 'node:assert/strict';
import type { CofferError } from '@coffer/schema/errors.ts';
import type { Seal } from '@coffer/server/contracts/seal.ts';
import type { Storage } from '@coffer/server/contracts/storage.ts';
import { decodeToken } from '@coffer/server/core/seal/pad.ts';
import type { Rekey } from '@coffer/server/core/seal/rekey.ts';
import type { Rig } from './seal-rig.ts';
import { initialize, laterToken, rigOver, sharesOf, unseal } from './seal-rig.ts';

export type OpenSeal = () => Promise<Seal>;

export const refusal =
  (code: string, pattern = /./) =>
  (error: unknown): boolean => {
    assert.equal((error as CofferError).code, code);
    assert.match((error as CofferError).publicMessage, pattern);
    return true;
  };

/** Opens a sealed store in whichever way the seal has. */
export const openUp = async (rig: Rig, shares: readonly string[]): Promise<void> => {
  if (await rig.keeper.autoUnseal()) return;
  await unseal(rig, shares);
};

export const opens = async (seal: Seal, storage: Storage, shares: readonly string[]): Promise<Rig | undefined> => {
  const rig = rigOver(seal, storage);
  await openUp(rig, shares).catch(() => undefined);
  return rig.keeper.sealed ? undefined : rig;
};

export const openRig = async (openSeal: OpenSeal, storage?: Storage) => {
  const seal = await openSeal();
  const rig = rigOver(seal, storage);
  const made = await initialize(rig);
  await openUp(rig, sharesOf(made));
  return { seal, rig, made };
};

/** The rekey of the key that people hold. */
export const peopleRekey = ({ keeper }: Rig): Rekey => keeper.recoveryRekey ?? keeper.rekey;

/** Replaces the shares by 4, 2 needed; answers the new ones. */
export const replaceShares = async (rig: Rig, old: readonly string[]): Promise<readonly string[]> => {
  const rekey = peopleRekey(rig);
  const { nonce, required } = await rekey.start({ secretShares: 4, secretThreshold: 2 });
  let last = await rekey.update(old[0] ?? '', nonce);
  for (const share of old.slice(1, required)) last = await rekey.update(share, nonce);
  assert.ok('complete' in last);
  return last.keys;
};

/** Whether a quorum of these shares makes a root token. */
export const authorise = async (rig: Rig, shares: readonly string[]): Promise<boolean> => {
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
