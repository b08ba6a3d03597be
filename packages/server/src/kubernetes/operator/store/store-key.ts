/** Names of stores: one text for each, and words for conditions. */
import type { StoreRef } from '../../api/external-secret-data.ts';

export type StoreKind = 'SecretStore' | 'ClusterSecretStore';

export interface StoreName {
  readonly kind: StoreKind;
  /** Empty for a store of the cluster. */
  readonly namespace: string;
  readonly name: string;
}

export const storeKey = ({ kind, namespace, name }: StoreName): string => `${kind}/${namespace}/${name}`;

/** The store that a reference in this namespace means. */
export const storeNamed = ({ kind, name = '' }: StoreRef, namespace: string): StoreName => ({
  kind,
  namespace: kind === 'ClusterSecretStore' ? '' : namespace,
  name,
});

/** `secret store "x"`, `cluster store "x"`. */
export const storeWords = ({ kind, name }: StoreName): string =>
  `${kind === 'ClusterSecretStore' ? 'cluster store' : 'secret store'} "${name}"`;
