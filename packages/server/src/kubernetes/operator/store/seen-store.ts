/** What is held of a SecretStore or ClusterSecretStore: read once when it comes in. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { KubeObject } from '../../../contracts/kube.ts';
import { parseClusterSecretStore, parseSecretStore } from '../../api/kinds.ts';
import type { StoreSpec } from '../../api/store.ts';
import type { StoreKind, StoreName } from './store-key.ts';

export type StoreRead =
  | { readonly spec: StoreSpec; readonly unsupported: readonly string[] }
  /** Cannot be read: what is wrong, by path. */
  | { readonly problem: string };

export interface SeenStore {
  readonly resourceVersion: string;
  readonly name: StoreName;
  readonly uid: string;
  /** Changes with the spec. */
  readonly generation: number;
  readonly object: KubeObject;
  /** Class of the operator that acts on it; empty: every one. Known also where the rest cannot be read. */
  readonly controller: string;
  readonly read: StoreRead;
}

const parsers = { SecretStore: parseSecretStore, ClusterSecretStore: parseClusterSecretStore } as const;

const readOf = (object: KubeObject, kind: StoreKind): StoreRead => {
  try {
    const { spec, unsupported } = parsers[kind](object);
    return { spec, unsupported };
  } catch (cause) {
    if (cause instanceof CofferError) return { problem: cause.publicMessage };
    throw cause;
  }
};

const controllerOf = (object: KubeObject): string => {
  const { controller } = (object['spec'] ?? {}) as { readonly controller?: unknown };
  return typeof controller === 'string' ? controller : '';
};

export const seenStore =
  (kind: StoreKind) =>
  (object: KubeObject): SeenStore => {
    const { namespace = '', name, uid = '', generation = 0, resourceVersion = '' } = object.metadata;
    return {
      resourceVersion,
      name: { kind, namespace, name },
      uid,
      generation,
      object: { ...object, metadata: { ...object.metadata, managedFields: [] } },
      controller: controllerOf(object),
      read: readOf(object, kind),
    };
  };
