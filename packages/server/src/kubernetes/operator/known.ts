/** Everything the controllers know of the cluster: the newest state of each object, and which have to do with which. */
import type { KubeObject } from '../../contracts/kube.ts';
import {
  type SeenExternalSecret,
  seenExternalSecret,
  storeRefs,
  targetName,
} from './external-secret/seen-external-secret.ts';
import { type SeenSecret, seenSecret } from './external-secret/seen-secret.ts';
import { createdByLabel } from './names.ts';
import { ObjectCache, type Source } from './object-cache.ts';
import type { SeenStore } from './store/seen-store.ts';
import { storeKey, type StoreName, storeNamed } from './store/store-key.ts';
import { TermIndex } from './term-index.ts';

export interface SeenNamespace {
  readonly resourceVersion: string;
  readonly labels: ReadonlyMap<string, string>;
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const isAt = <T extends { readonly resourceVersion: string }>(
  known: T | undefined,
  { metadata }: KubeObject,
): known is T => known !== undefined && known.resourceVersion === metadata.resourceVersion;

export class Known {
  readonly externalSecrets = new ObjectCache<SeenExternalSecret>();
  readonly secrets = new ObjectCache<SeenSecret>();
  readonly stores = new ObjectCache<SeenStore>();
  readonly namespaces = new ObjectCache<SeenNamespace>();
  readonly #byStore = new TermIndex();
  readonly #byTarget = new TermIndex();
  readonly #byMaker = new TermIndex();

  /** Answers to writes come back as events: what is known at this very version is not looked through again. */
  seeExternalSecret(object: KubeObject): SeenExternalSecret {
    const known = this.externalSecrets.get(keyOf(object));
    return isAt(known, object) ? known : seenExternalSecret(object, known);
  }

  /** As `seeExternalSecret`. */
  seeSecret(object: KubeObject): SeenSecret {
    const known = this.secrets.get(keyOf(object));
    return isAt(known, object) ? known : seenSecret(object);
  }

  /** `from`: who says so. False: nothing new. */
  putExternalSecret(key: string, seen: SeenExternalSecret, from: Source = 'watch'): boolean {
    const before = this.externalSecrets.get(key);
    if (!this.externalSecrets.put(key, seen, from)) return false;
    if (before?.read === seen.read) return true;
    const { namespace = '' } = seen.object.metadata;
    const stores = storeRefs(seen).map(ref => storeKey(storeNamed(ref, namespace)));
    this.#byStore.set(key, [...new Set(stores)]);
    this.#byTarget.set(key, [`${namespace}/${targetName(seen)}`]);
    return true;
  }

  dropExternalSecret(key: string, goneAt: string): boolean {
    if (!this.externalSecrets.delete(key, goneAt)) return false;
    this.#byStore.delete(key);
    this.#byTarget.delete(key);
    return true;
  }

  /** As `putExternalSecret`. */
  putSecret(key: string, seen: SeenSecret, from: Source = 'watch'): boolean {
    if (!this.secrets.put(key, seen, from)) return false;
    const maker = seen.labels.get(createdByLabel);
    this.#byMaker.set(key, maker === undefined ? [] : [maker]);
    return true;
  }

  dropSecret(key: string, goneAt: string): boolean {
    if (!this.secrets.delete(key, goneAt)) return false;
    this.#byMaker.delete(key);
    return true;
  }

  /** Keys of ExternalSecrets that read from it. */
  readersOf(store: StoreName): readonly string[] {
    return this.#byStore.keysOf(storeKey(store));
  }

  /** Keys of ExternalSecrets whose Secret this is. */
  writersOf(secretKey: string): readonly string[] {
    return this.#byTarget.keysOf(secretKey);
  }

  /** Keys of Secrets that carry this mark of their maker. */
  madeBy(maker: string): readonly string[] {
    return this.#byMaker.keysOf(maker);
  }
}
