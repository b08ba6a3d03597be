/** What a rekey replaces: each is one commit, refused where the seal's configuration changed meanwhile. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Random } from '../../contracts/random.ts';
import type { AutoSeal } from '../../contracts/seal.ts';
import type { Check } from '../../contracts/storage.ts';
import { keyBytes, nonceBytes } from '../../platform/crypto/aead.ts';
import type { Barrier } from '../barrier/barrier.ts';
import { recoveryWrite } from './authority.ts';
import { configKey, configWrite } from './config.ts';
import type { FreshKey, RekeyTarget, Replacement } from './rekey.ts';
import { wrapBySeal, wrapByShares } from './root-key.ts';

const unchanged = ({ was }: Replacement): Check => ({ key: configKey, expect: was.revision });

const freshOf = ({ fresh }: Replacement): FreshKey => {
  if (fresh === undefined) throw new CofferError('internal', 'A rekey lacks its key.');
  return fresh;
};

/** The unseal key and with it the root key. */
export const unsealKeyTarget = (barrier: Barrier, random: Random): RekeyTarget => ({
  shared: true,
  storeId: () => barrier.storeId,
  commit: replacement =>
    barrier.rekeyRoot(place => {
      const { key: unsealKey, config } = freshOf(replacement);
      const rootKey = random.bytes(keyBytes);
      const wrapped = wrapByShares(rootKey, { ...place, nonce: random.bytes(nonceBytes), unsealKey });
      return { rootKey, checks: [unchanged(replacement)], writes: [wrapped, configWrite(config)] };
    }),
});

/** The root key alone: the seal that wraps it stays. */
export const rootKeyTarget = (barrier: Barrier, random: Random, auto: AutoSeal): RekeyTarget => ({
  shared: false,
  storeId: () => barrier.storeId,
  commit: replacement =>
    barrier.rekeyRoot(async ({ storeId }) => {
      const rootKey = random.bytes(keyBytes);
      return { rootKey, checks: [unchanged(replacement)], writes: [await wrapBySeal(rootKey, auto, storeId)] };
    }),
});

export const recoveryKeyTarget = (barrier: Barrier): RekeyTarget => ({
  shared: true,
  storeId: () => barrier.storeId,
  commit: async replacement => {
    const { key, config } = freshOf(replacement);
    const result = await barrier.commit({
      checks: [unchanged(replacement)],
      writes: [recoveryWrite(key)],
      plain: [configWrite(config)],
    });
    if (!result.ok) throw new CofferError('conflict', 'The seal’s configuration was changed by others.');
  },
});
