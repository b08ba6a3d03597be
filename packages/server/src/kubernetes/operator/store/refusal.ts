/** Whether a namespace may use a store of the cluster, as its conditions and the labels of the namespace are now. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Known } from '../known.ts';
import { storeKey, type StoreName } from './store-key.ts';
import { isUsableFrom, refusal } from './usable-from.ts';

/** Undefined: it may. What cannot be found out is refused. */
export const refusalOf = (known: Known, name: StoreName, namespace: string): string | undefined => {
  const seen = known.stores.get(storeKey(name));
  if (name.kind === 'SecretStore' || seen === undefined || !('spec' in seen.read)) return undefined;
  const labels = known.namespaces.get(namespace)?.labels;
  try {
    return isUsableFrom(seen.read.spec.conditions, { name: namespace, labels })
      ? undefined
      : refusal(name.name, namespace);
  } catch (cause) {
    if (cause instanceof CofferError) return `cluster store "${name.name}": ${cause.publicMessage}`;
    throw cause;
  }
};
