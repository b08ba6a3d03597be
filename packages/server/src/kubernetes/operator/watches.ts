/** What is watched, what of it is remembered, and who has to look when it changes. */
import type { KubeObject, Resource, Selection } from '../../contracts/kube.ts';
import { type Change, follow, type FollowOptions, type Listed } from '../../platform/kube/follow.ts';
import { resources } from '../api/resources.ts';
import type { SeenExternalSecret } from './external-secret/seen-external-secret.ts';
import type { SeenSecret } from './external-secret/seen-secret.ts';
import type { Known, SeenNamespace } from './known.ts';
import { managedLabel, managedValue } from './names.ts';
import { seenStore } from './store/seen-store.ts';
import { storeKey, type StoreKind, type StoreName } from './store/store-key.ts';

/** Who has to look. Keys of ExternalSecrets are `namespace/name`. */
export interface Lookers {
  readonly externalSecret: (key: string) => void;
  /** It is no more. */
  readonly gone: (key: string) => void;
  readonly store: (name: StoreName) => void;
}

export type Surroundings = Pick<FollowOptions<unknown>, 'reader' | 'clock' | 'random' | 'log'>;

interface Watched<T> {
  readonly resource: Resource;
  readonly selection: Selection;
  readonly project: (object: KubeObject) => T;
  readonly changed: (change: Change<T>, key: string) => void;
  readonly synced?: (list: Listed) => void;
}

export interface WatchScope {
  readonly known: Known;
  readonly lookers: Lookers;
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
}

const externalSecrets = ({ known, lookers, namespace }: WatchScope) => ({
  resource: resources.externalSecret,
  selection: { namespace },
  project: (object: KubeObject) => known.seeExternalSecret(object),
  changed: (change: Change<SeenExternalSecret>, key: string): void => {
    if (change.type === 'deleted') {
      if (known.dropExternalSecret(key, change.goneAt)) lookers.gone(key);
      return;
    }
    const before = known.externalSecrets.get(key);
    if (!known.putExternalSecret(key, change.remembered)) return;
    const { version, object } = change.remembered;
    // A status that changed is our own doing, or nothing that matters here.
    if (before?.version !== version || object.metadata.deletionTimestamp !== undefined) lookers.externalSecret(key);
  },
});

/** Whole Secrets come in, and names and a hash are kept: so that no value that was changed is missed, and none is held. */
const secrets = ({ known, lookers, namespace }: WatchScope) => ({
  resource: resources.secret,
  selection: { namespace, labelSelector: `${managedLabel}=${managedValue}` },
  project: (object: KubeObject) => known.seeSecret(object),
  changed: (change: Change<SeenSecret>, key: string): void => {
    const isNews =
      change.type === 'deleted' ? known.dropSecret(key, change.goneAt) : known.putSecret(key, change.remembered);
    if (isNews) for (const writer of known.writersOf(key)) lookers.externalSecret(writer);
  },
  /** What we made while nothing was told, and was deleted before the list, has never been told of. */
  synced: ({ resourceVersion, has }: Listed): void => {
    for (const [key] of known.secrets.entries())
      if (!has(key) && known.dropSecret(key, resourceVersion))
        for (const writer of known.writersOf(key)) lookers.externalSecret(writer);
  },
});

const stores = (kind: StoreKind, resource: Resource, { known, lookers, namespace }: WatchScope) => ({
  resource,
  selection: { namespace: resource.namespaced ? namespace : undefined },
  project: seenStore(kind),
  changed: (change: Change<ReturnType<ReturnType<typeof seenStore>>>): void => {
    const { name, generation, uid } = change.remembered;
    const key = storeKey(name);
    if (change.type === 'deleted') {
      if (known.stores.delete(key, change.goneAt)) lookers.store(name);
      return;
    }
    const before = known.stores.get(key);
    if (!known.stores.put(key, change.remembered)) return;
    if (before?.generation !== generation || before?.uid !== uid) lookers.store(name);
  },
});

const seenNamespace = ({ metadata }: KubeObject): SeenNamespace => ({
  resourceVersion: metadata.resourceVersion ?? '',
  labels: new Map(Object.entries(metadata.labels ?? {})),
});

/** Labels say which cluster stores may be used. */
const namespaces = ({ known, lookers }: WatchScope) => ({
  resource: resources.namespace,
  selection: { metadataOnly: true },
  project: seenNamespace,
  changed: (change: Change<SeenNamespace>): void => {
    const { remembered } = change;
    const { name } = change.at;
    if (change.type === 'deleted') {
      known.namespaces.delete(name, change.goneAt);
      return;
    }
    const before = known.namespaces.get(name);
    if (!known.namespaces.put(name, remembered)) return;
    if (before !== undefined && JSON.stringify([...before.labels]) === JSON.stringify([...remembered.labels])) return;
    for (const [key] of known.externalSecrets.entries()) if (key.startsWith(`${name}/`)) lookers.externalSecret(key);
  },
});

/** Resolves once there is a first list; `ended` once the signal is aborted, or something is wrong with us. */
const followOne = <T>(watched: Watched<T>, around: Surroundings, signal: AbortSignal) => {
  const first = Promise.withResolvers<void>();
  const sink = {
    changed: (change: Change<T>) => watched.changed(change, `${change.at.namespace ?? ''}/${change.at.name}`),
    synced: (list: Listed) => {
      watched.synced?.(list);
      first.resolve();
    },
  };
  const ended = follow({ ...around, ...watched, sink }, signal);
  return { synced: first.promise, ended };
};

/** Every watch there is. Where one namespace is looked at, stores of the cluster are not. */
export const followAll = (scope: WatchScope, around: Surroundings, signal: AbortSignal) => {
  const all = [
    followOne(stores('SecretStore', resources.secretStore, scope), around, signal),
    followOne(secrets(scope), around, signal),
    followOne(externalSecrets(scope), around, signal),
    ...(scope.namespace === undefined
      ? [
          followOne(stores('ClusterSecretStore', resources.clusterSecretStore, scope), around, signal),
          followOne(namespaces(scope), around, signal),
        ]
      : []),
  ];
  return {
    synced: Promise.all(all.map(({ synced }) => synced)).then(() => undefined),
    ended: Promise.all(all.map(({ ended }) => ended)).then(() => undefined),
  };
};
