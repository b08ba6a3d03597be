/** A fresh key and its shares. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Random } from '../../contracts/random.ts';
import { keyBytes } from '../../platform/crypto/aead.ts';
import { sha256Hex } from '../../platform/crypto/hash.ts';
import type { Splitting } from './shamir.ts';
import { sharesLimit, split } from './shamir.ts';

/**
 * Stands in clear for a share, so that a wrong one is known before it spoils a quorum. Says nothing about the share:
 * each has 256 bits of its own.
 */
export const verifierOf = (storeId: Uint8Array, share: Uint8Array): string => {
  const both = new Uint8Array(storeId.length + share.length);
  both.set(storeId);
  both.set(share, storeId.length);
  const verifier = sha256Hex(both);
  both.fill(0);
  return verifier;
};

export interface Deal {
  readonly key: Uint8Array;
  readonly shares: readonly Uint8Array[];
  readonly verifiers: readonly string[];
}

export const deal = (random: Random, storeId: Uint8Array, splitting: Splitting): Deal => {
  const key = random.bytes(keyBytes);
  const shares = split(key, splitting, random);
  return { key, shares, verifiers: shares.map(share => verifierOf(storeId, share)) };
};

const faultOf = ({ shares, threshold }: Splitting): string | undefined => {
  if (!Number.isSafeInteger(shares) || shares < 1) return 'shares must be at least one';
  if (!Number.isSafeInteger(threshold) || threshold < 1) return 'threshold must be at least one';
  if (shares > sharesLimit) return `shares must be at most ${sharesLimit}`;
  if (threshold > shares) return 'threshold cannot be larger than shares';
  return shares > 1 && threshold === 1 ? 'threshold must be greater than one for multiple shares' : undefined;
};

export const checkSplitting = (splitting: Splitting, what: string): void => {
  const fault = faultOf(splitting);
  if (fault !== undefined) throw new CofferError('invalid_request', `invalid ${what} configuration: ${fault}`);
};

/** Shares are handed out in clear: encrypting them to PGP keys is not offered. */
export const checkPgp = (what: string, pgpKeys: readonly string[] | undefined, backup = false): void => {
  if (pgpKeys !== undefined && pgpKeys.length > 0) {
    throw new CofferError('invalid_request', `${what} is not supported: keys are answered in clear`);
  }
  if (backup) {
    const text = 'cannot request a backup of the new keys without providing PGP keys for encryption';
    throw new CofferError('invalid_request', text);
  }
};
