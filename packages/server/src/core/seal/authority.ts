/** Who may replace keys or make a root token: those who together hold the unseal key, or the recovery key. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Storage, Write } from '../../contracts/storage.ts';
import { sha256 } from '../../platform/crypto/hash.ts';
import { sameSecret } from '../../platform/crypto/equal.ts';
import type { Barrier } from '../barrier/barrier.ts';
import type { HeldConfig } from './config.ts';
import { readConfig } from './config.ts';
import { readRoot, unwrapByShares } from './root-key.ts';

export interface Authority {
  config(): Promise<HeldConfig>;
  /** Whether the quorum's key is the one in force. Only while unsealed. */
  proves(key: Uint8Array): Promise<boolean>;
}

/** Encrypted like any record, so that who writes to the storage cannot put a recovery key of his own there. */
export const recoveryKey = '1/-/seal/recovery';
const recoveryFormat = 1;

const digestOf = (key: Uint8Array): Uint8Array => {
  const digest = new Uint8Array(1 + 32);
  digest[0] = recoveryFormat;
  digest.set(sha256(key), 1);
  return digest;
};

export const recoveryWrite = (key: Uint8Array): Write => ({ key: recoveryKey, value: digestOf(key) });

const configOf = async (storage: Storage): Promise<HeldConfig> => {
  const config = await readConfig(storage);
  if (config === undefined) throw new CofferError('not_initialized', 'Vault is not initialized');
  return config;
};

export const unsealKeyHolders = (storage: Storage, barrier: Barrier): Authority => ({
  config: () => configOf(storage),
  proves: async key => {
    const wrapped = await readRoot(storage);
    const root = unwrapByShares(key, barrier.storeId, wrapped.value);
    const proven = root !== undefined && barrier.isRootKey(root);
    root?.fill(0);
    return proven;
  },
});

export const recoveryKeyHolders = (storage: Storage, barrier: Barrier): Authority => ({
  config: async () => {
    const config = await configOf(storage);
    if (config.shares === 0)
      throw new CofferError('invalid_request', 'this store was initialised without recovery keys');
    return config;
  },
  proves: async key => {
    const entry = await barrier.get(recoveryKey);
    return entry !== undefined && sameSecret(entry.value, digestOf(key));
  },
});
