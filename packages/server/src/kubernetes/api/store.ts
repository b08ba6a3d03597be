/** SecretStore and ClusterSecretStore: where secrets come from. One shape, told apart by who may use it. */
import { list } from './fields/collections.ts';
import { f } from './fields/f.ts';
import { object } from './fields/object.ts';
import { conditions, labelSelector } from './references.ts';
import { vault } from './vault.ts';

/** Providers beside these are kept as they are, so that manifests for them are not cut down. */
const provider = object(
  { vault: f.of(vault, 'A Coffer, or any other store that speaks the API of Vault') },
  { open: true, count: 1 },
);

const usableFrom = object({
  namespaceSelector: f.of(labelSelector, 'Namespaces with these labels'),
  namespaces: f.texts('Namespaces by name'),
  namespaceRegexes: f.texts('Namespaces whose name matches one of these expressions (RE2)'),
});

const retrySettings = object({
  maxRetries: f.natural('How often a failed request is tried again, at most 10 times, within 30 s'),
  retryInterval: f.span('Taken and not used: the waits begin short and grow by themselves'),
});

/** `spec` of both kinds. */
export const storeSpec = object({
  controller: f.text('Which operator acts on it: the one of this class; where it is not set, every one'),
  provider: f.of(provider, 'The store; exactly one', { required: true }),
  retrySettings: f.of(retrySettings, 'What to do when the store does not answer'),
  refreshInterval: f.secondsOrSpan('How often the store is checked; 0: as the operator is set up'),
  conditions: f.of(
    list(usableFrom),
    'Cluster stores only: which namespaces may use it; one entry that holds is enough, no entries: all',
  ),
});

/** `status` of both kinds. */
export const storeStatus = object({
  conditions: f.of(conditions, 'Whether it can be used, and why not'),
  capabilities: f.choice(['ReadOnly', 'WriteOnly', 'ReadWrite'], 'What the provider can do'),
});
/** As read. */
export type StoreSpec = ReturnType<typeof storeSpec.read>;
/** As read. */
export type StoreStatus = ReturnType<typeof storeStatus.read>;
