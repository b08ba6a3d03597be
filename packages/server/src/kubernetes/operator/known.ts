/** Everything the controllers know of the cluster: the newest state of each object, and which have to do with which. */
import type { SeenExternalSecret } from './external-secret/seen-external-secret.ts';
import { storeRefs, targetName } from './external-secret/seen-external-secret.ts';
import type { SeenSecret } from './external-secret/seen-secret.ts';
import { createdByLabel } from './names.ts';
import { ObjectCache } from './object-cache.ts';
import type { SeenStore } from './store/seen-store.ts';
import { storeKey, type StoreName, storeNamed } from './store/store-key.ts';
import { TermIndex } from './term-index.ts';

export interface SeenNamespace {
  readonly resourceVersion: string;
  readonly labels: ReadonlyMap<string, string>;
}

export class Known {
  readonly externalSecrets = new ObjectCache<SeenExternalSecret>();
  readonly secrets = new ObjectCache<SeenSecret>();
  readonly stores = new ObjectCache<SeenStore>();
  readonly namespaces = new ObjectCache<SeenNamespace>();
  readonly #byStore = new TermIndex();
  readonly #byTarget = new TermIndex();
  readonly #byMaker = new TermIndex();

  /** False: nothing new. */
  putExternalSecret(key: string, seen: SeenExternalSecret): boolean {
    if (!this.externalSecrets.put(key, seen)) return false;
    const { namespace = '' } = seen.object.metadata;
    const stores = storeRefs(seen).map(ref => storeKey(storeNamed(ref, namespace)));
    this.#byStore.set(key, [...new Set(stores)]);
    this.#byTarget.set(key, [`${namespace}/${targetName(seen)}`]);
    return true;
  }

  dropExternalSecret(key: string, resourceVersion: string): boolean {
    if (!this.externalSecrets.delete(key, resourceVersion)) return false;
    this.#byStore.delete(key);
    this.#byTarget.delete(key);
    return true;
  }

  putSecret(key: string, seen: SeenSecret): boolean {
    if (!this.secrets.put(key, seen)) return false;
    const maker = seen.labels.get(createdByLabel);
    this.#byMaker.set(key, maker === undefined ? [] : [maker]);
    return true;
  }

  dropSecret(key: string, resourceVersion: string): boolean {
    if (!this.secrets.delete(key, resourceVersion)) return false;
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
