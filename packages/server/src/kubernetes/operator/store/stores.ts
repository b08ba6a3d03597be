/**
 * All stores there are: each is checked when it comes, when it changes, from time to time, and when somebody who reads
 * from it has met a failure. One provider for each store; for cluster stores whose credentials lie with those who use
 * them, one for each namespace. Whoever reads from a store comes back to it when its state changes.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Kube } from '../../../contracts/kube.ts';
import type { Log } from '../../../contracts/log.ts';
import type { VaultSettings, VaultTls } from '../../../providers/vault/settings.ts';
import type { VaultProvider } from '../../api/vault.ts';
import { type Failure, failureOf } from '../external-secret/failure.ts';
import type { ObjectCache } from '../object-cache.ts';
import type { Next } from '../queue/work-queue.ts';
import { configured, openFailed, type StoreOutcome, unknown, valid } from './check-store.ts';
import { type AnyProvider, OpenedStore } from './opened-store.ts';
import type { SeenStore } from './seen-store.ts';
import { storeKey, type StoreName, storeWords } from './store-key.ts';
import { isReferent, resolveVault } from './vault-settings.ts';

/** What stores tell. */
export interface StoreHearer {
  /** These ExternalSecrets read what has changed. */
  readonly told: (keys: readonly string[]) => void;
  /** Everything read from this store may have changed. */
  readonly missed: (store: StoreName) => void;
  /** The store can be used, or cannot any more. */
  readonly turned: (store: StoreName) => void;
}

/** How stores are opened. */
export interface StoreOpener {
  /** Throws `CofferError` for settings that cannot work. */
  readonly open: (settings: VaultSettings, tls: VaultTls) => AnyProvider;
  /** A token of the operator's own ServiceAccount; undefined outside of a cluster. */
  readonly ownToken: (() => Promise<Secret>) | undefined;
}

export interface StoresParts {
  readonly kube: Pick<Kube, 'get' | 'ask'>;
  readonly log: Log;
  readonly seen: ObjectCache<SeenStore>;
  readonly opener: StoreOpener;
  readonly hearer: StoreHearer;
  readonly controllerClass: string;
  /** How often a store is checked that does not say itself. */
  readonly requeueMs: number;
  /** The store wants to be checked. */
  readonly again: (key: string) => void;
  readonly publish: (seen: SeenStore, outcome: StoreOutcome) => Promise<void>;
}

export type StoreState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'ready' };

interface Entry {
  readonly uid: string;
  readonly generation: number;
  readonly opened: Map<string, OpenedStore>;
  state: StoreState;
  /** It was set up in another way before: what has been read is not of this one. */
  isAnother: boolean;
}

/** Codes that say something about the store itself, not about what was asked of it. */
const suspicious: ReadonlySet<string> = new Set([
  'sealed',
  'unreachable',
  'bad_token',
  'not_initialized',
  'not_active',
]);

/** Where a store is open for all who read from it; others are open by the namespace that brings its credentials. */
const shared = '';

/** How often a store is checked that told of changes and does not at present. */
const lostRequeueMs = 2000;

export class Stores {
  readonly #parts: StoresParts;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: StoresParts) {
    this.#parts = parts;
  }

  state(name: StoreName): StoreState {
    const key = storeKey(name);
    const seen = this.#parts.seen.get(key);
    if (seen === undefined) return { kind: 'missing' };
    if (this.#isForeign(seen)) return { kind: 'foreign' };
    return this.#entries.get(key)?.state ?? { kind: 'pending' };
  }

  /** Of a store that is ready. `namespace` is that of the ExternalSecret. */
  async opened(name: StoreName, namespace: string): Promise<OpenedStore> {
    const entry = this.#entries.get(storeKey(name));
    const seen = this.#parts.seen.get(storeKey(name));
    const found = entry?.opened.get(shared) ?? entry?.opened.get(namespace);
    if (found !== undefined) return found;
    const vault = seen === undefined ? undefined : vaultOf(seen);
    if (entry === undefined || vault === undefined)
      throw new CofferError('unreachable', 'the store is not ready: wait, it is being looked at');
    return this.#open(entry, { name, vault, namespace, place: namespace });
  }

  /** A read failed: where that is about the store itself, it is looked at now. */
  suspect(name: StoreName, cause: unknown): void {
    if (cause instanceof CofferError && suspicious.has(cause.code)) this.#parts.again(storeKey(name));
  }

  /** The ExternalSecret is no more. A store that was open for its namespace alone, and for nobody else in it, is closed. */
  forgetReader(key: string): void {
    for (const { opened } of this.#entries.values())
      for (const [place, store] of opened) {
        store.forget(key);
        if (place === shared || !store.isIdle) continue;
        opened.delete(place);
        void this.#close(store);
      }
  }

  async work(key: string): Promise<Next> {
    const seen = this.#parts.seen.get(key);
    if (seen === undefined || this.#isForeign(seen)) {
      await this.#drop(key);
      if (seen !== undefined) this.#parts.hearer.turned(seen.name);
      return 'done';
    }
    const entry = this.#entryOf(key, seen);
    const outcome = await this.#check(entry, seen);
    await this.#parts.publish(seen, outcome);
    if (outcome.status === 'False') return 'failed';
    const usualMs = intervalMs(seen) ?? this.#parts.requeueMs;
    const isLost = [...entry.opened.values()].some(store => store.isLost);
    return { afterMs: isLost ? Math.min(usualMs, lostRequeueMs) : usualMs };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map(key => this.#drop(key)));
  }

  #isForeign({ controller }: SeenStore): boolean {
    return controller !== '' && controller !== this.#parts.controllerClass;
  }

  /** A store whose manifest has changed is another store. */
  #entryOf(key: string, { uid, generation }: SeenStore): Entry {
    const known = this.#entries.get(key);
    if (known?.uid === uid && known.generation === generation) return known;
    // Taking its login back may take long where it was set up wrongly; nobody waits for that.
    void this.#drop(key);
    const isAnother = known !== undefined;
    const entry: Entry = { uid, generation, opened: new Map(), state: { kind: 'pending' }, isAnother };
    this.#entries.set(key, entry);
    return entry;
  }

  async #drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    await Promise.all([...(entry?.opened.values() ?? [])].map(store => this.#close(store)));
  }

  async #close(store: OpenedStore): Promise<void> {
    try {
      await store.close();
    } catch (cause) {
      this.#parts.log.write('debug', 'a login at a store could not be taken back', { reason: reasonOf(cause) });
    }
  }

  async #check(entry: Entry, seen: SeenStore): Promise<StoreOutcome> {
    const found = configured(seen.read);
    if ('outcome' in found) {
      const text = `${storeWords(seen.name)}: ${found.outcome.message}`;
      this.#turn(entry, seen.name, { kind: 'failed', failure: { code: 'invalid_request', text } });
      return found.outcome;
    }
    return this.#checkVault(entry, seen, found.vault);
  }

  async #checkVault(entry: Entry, { name }: SeenStore, vault: VaultProvider): Promise<StoreOutcome> {
    try {
      if (name.kind === 'ClusterSecretStore' && isReferent(vault)) {
        await this.#reopenAll(entry, name, vault);
        this.#turn(entry, name, { kind: 'ready' });
        return unknown;
      }
      const store = await this.#open(entry, { name, vault, namespace: name.namespace, place: shared });
      await store.provider.check();
      this.#turn(entry, name, { kind: 'ready' });
      return valid;
    } catch (cause) {
      const failure = failureOf(cause, storeWords(name));
      this.#turn(entry, name, { kind: 'failed', failure });
      return openFailed(cause, failure.text);
    }
  }

  /** Credentials may have been replaced; those that cannot be found any more are met by who uses them. */
  async #reopenAll(entry: Entry, name: StoreName, vault: VaultProvider): Promise<void> {
    for (const place of entry.opened.keys()) {
      await this.#open(entry, { name, vault, namespace: place, place }).catch((cause: unknown) => {
        this.#parts.log.write('warn', 'credentials of a store cannot be found any more', {
          store: storeKey(name),
          namespace: place,
          reason: reasonOf(cause),
        });
      });
    }
  }

  /** The one that is open, unless its credentials have changed. */
  async #open(
    entry: Entry,
    { name, vault, namespace, place }: { name: StoreName; vault: VaultProvider; namespace: string; place: string },
  ): Promise<OpenedStore> {
    const { kube, opener, hearer, log } = this.#parts;
    const { told, missed } = hearer;
    const { settings, tls, fingerprint } = await resolveVault(vault, {
      kube,
      store: name,
      namespace,
      ownToken: opener.ownToken,
    });
    if (this.#entries.get(storeKey(name)) !== entry)
      throw new CofferError('unreachable', 'the store has just been changed: wait, it is being looked at');
    const known = entry.opened.get(place);
    if (known?.fingerprint === fingerprint) {
      known.follow();
      return known;
    }
    const store = new OpenedStore({
      provider: opener.open({ ...settings, retries: this.#retriesOf(name) }, tls),
      fingerprint,
      hearer: {
        told,
        missed: () => missed(name),
        turned: () => this.#parts.again(storeKey(name)),
      },
      fault: cause =>
        log.write('error', 'the change stream of a store is not followed any more', {
          store: storeKey(name),
          reason: reasonOf(cause),
        }),
    });
    entry.opened.set(place, store);
    store.follow();
    if (known !== undefined) {
      await this.#close(known);
      missed(name);
    }
    return store;
  }

  /** Whatever is asked for, all repetitions of one request lie within its time. */
  #retriesOf(name: StoreName): number | undefined {
    const read = this.#parts.seen.get(storeKey(name))?.read;
    const retries = read !== undefined && 'spec' in read ? read.spec.retrySettings?.maxRetries : undefined;
    return retries === undefined ? undefined : Math.min(retries, retriesLimit);
  }

  #turn(entry: Entry, name: StoreName, state: StoreState): void {
    const isSame = entry.state.kind === state.kind && textOf(entry.state) === textOf(state);
    entry.state = state;
    if (state.kind === 'ready' && entry.isAnother) {
      entry.isAnother = false;
      this.#parts.hearer.missed(name);
    } else if (!isSame) this.#parts.hearer.turned(name);
  }
}

const textOf = (state: StoreState): string => (state.kind === 'failed' ? state.failure.text : '');
const reasonOf = (cause: unknown): string => (cause instanceof CofferError ? cause.publicMessage : 'a fault');

const vaultOf = ({ read }: SeenStore): VaultProvider | undefined =>
  'spec' in read ? read.spec.provider.vault : undefined;

/** Repetitions of one request to a store. */
const retriesLimit = 10;

/** As often as that at most. */
const leastIntervalSeconds = 1;

const intervalMs = ({ read }: SeenStore): number | undefined => {
  const seconds = 'spec' in read ? (read.spec.refreshInterval?.seconds ?? 0) : 0;
  return seconds > 0 ? Math.max(seconds, leastIntervalSeconds) * 1000 : undefined;
};
