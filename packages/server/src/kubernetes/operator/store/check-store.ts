/** What is wrong with a store before it is asked, and what its check means: reasons of its condition. Pure. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { VaultProvider } from '../../api/vault.ts';
import type { StoreRead } from './seen-store.ts';

export type StoreReason =
  | 'Valid'
  | 'InvalidStoreConfiguration'
  | 'InvalidProviderConfig'
  | 'ValidationFailed'
  | 'ValidationUnknown';

export interface StoreOutcome {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: StoreReason;
  readonly message: string;
}

export const valid: StoreOutcome = { status: 'True', reason: 'Valid', message: 'store validated' };

/** Its credentials lie with those who use it: only they can be checked. */
export const unknown: StoreOutcome = {
  status: 'Unknown',
  reason: 'ValidationUnknown',
  message: 'credentials are those of each namespace: what uses the store tells whether they work',
};

export const invalid = (reason: StoreReason, message: string): StoreOutcome => ({ status: 'False', reason, message });

export type Configured = { readonly vault: VaultProvider } | { readonly outcome: StoreOutcome };

export const configured = (read: StoreRead): Configured => {
  if ('problem' in read) return { outcome: invalid('InvalidStoreConfiguration', read.problem) };
  const { vault } = read.spec.provider;
  const { unsupported } = read;
  if (unsupported.length > 0 || vault === undefined)
    return {
      outcome: invalid(
        'InvalidProviderConfig',
        `not supported yet: ${unsupported.join(', ')}; leave it out or change it`,
      ),
    };
  return { vault };
};

/** Nobody's doing but that of who wrote the manifest. */
const mistakes: ReadonlySet<string> = new Set(['invalid_request', 'usage']);

export const openFailed = (cause: unknown, message: string): StoreOutcome =>
  invalid(
    cause instanceof CofferError && mistakes.has(cause.code) ? 'InvalidProviderConfig' : 'ValidationFailed',
    message,
  );
