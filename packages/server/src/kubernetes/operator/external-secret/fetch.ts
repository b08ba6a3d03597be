/** Asks the stores for everything an ExternalSecret wants: `dataFrom` in its order, then `data`, the later one winning. */
import type { Secret } from '@coffer/schema/secret.ts';
import type { DataEntry, DataSource, RemoteRef, StoreRef } from '../../api/external-secret-data.ts';
import type { ExternalSecretSpec } from '../../api/external-secret.ts';
import type { OpenedStore } from '../store/opened-store.ts';
import { type StoreName, storeNamed, storeWords } from '../store/store-key.ts';
import type { Fetched } from './decide.ts';
import { failureOf } from './failure.ts';
import { checkNullByte, convertedKeys, decodedValue } from './values.ts';

/** As `Stores` offers it. */
export interface Opener {
  opened(name: StoreName, namespace: string): Promise<OpenedStore>;
  suspect(name: StoreName, cause: unknown): void;
}

export interface Asking {
  /** Of the ExternalSecret: who is told of changes. */
  readonly key: string;
  readonly namespace: string;
  readonly spec: ExternalSecretSpec;
  readonly stores: Opener;
}

export interface Entry {
  readonly store: StoreName;
  readonly ref: RemoteRef;
  /** Undefined: every property of it, under its own name. */
  readonly secretKey: string | undefined;
}

/** Entries that are asked for at once; those that read the same secret share one request. */
const atOnceLimit = 32;

export const entriesOf = ({ spec, namespace }: Pick<Asking, 'spec' | 'namespace'>): readonly Entry[] => {
  const storeOf = (own: { readonly storeRef?: StoreRef | undefined } | undefined): StoreName =>
    storeNamed(own?.storeRef ?? spec.secretStoreRef ?? { kind: 'SecretStore' }, namespace);
  const many = ({ extract, sourceRef }: DataSource): readonly Entry[] =>
    extract === undefined ? [] : [{ store: storeOf(sourceRef), ref: extract, secretKey: undefined }];
  const one = ({ remoteRef, secretKey, sourceRef }: DataEntry): Entry => ({
    store: storeOf(sourceRef),
    ref: remoteRef,
    secretKey,
  });
  return [...(spec.dataFrom ?? []).flatMap(many), ...(spec.data ?? []).map(one)];
};

/** As in conditions: names, never values. */
export const whereOf = ({ ref }: Entry): string =>
  ref.property === undefined || ref.property === ''
    ? `secret "${ref.key}"`
    : `property "${ref.property}" of secret "${ref.key}"`;

const bytesOf = (value: Secret, { ref }: Entry, where: string): Uint8Array => {
  const bytes = decodedValue(value.reveal(), ref.decodingStrategy, where);
  checkNullByte(bytes, ref.nullBytePolicy, where);
  return bytes;
};

export type Pairs = readonly (readonly [key: string, value: Uint8Array])[];

const pairsOf = (values: ReadonlyMap<string, Secret>, entry: Entry): Pairs =>
  [...convertedKeys([...values.keys()], entry.ref.conversionStrategy, whereOf(entry))].map(([key, name]) => [
    key,
    bytesOf(values.get(name) as Secret, entry, `${whereOf(entry)}, key "${key}"`),
  ]);

/** Undefined: the store proved that there is nothing. */
export const ask = async (opened: Pick<OpenedStore, 'provider'>, entry: Entry): Promise<Pairs | undefined> => {
  if (entry.secretKey === undefined) {
    const values = await opened.provider.readAll(entry.ref);
    return values === undefined ? undefined : pairsOf(values, entry);
  }
  const value = await opened.provider.read(entry.ref);
  return value === undefined ? undefined : [[entry.secretKey, bytesOf(value, entry, whereOf(entry))]];
};

class Failed {
  readonly store: StoreName;
  readonly cause: unknown;

  constructor(store: StoreName, cause: unknown) {
    this.store = store;
    this.cause = cause;
  }
}

const guarded = async <T>(store: StoreName, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw new Failed(store, cause);
  }
};

/** Opens the stores, and notes in each what is going to be read of it. */
const openAll = async (asking: Asking, entries: readonly Entry[]): Promise<ReadonlyMap<Entry, OpenedStore>> => {
  const opened = new Map<Entry, OpenedStore>();
  const refs = new Map<OpenedStore, RemoteRef[]>();
  for (const entry of entries) {
    const store = await guarded(entry.store, () => asking.stores.opened(entry.store, asking.namespace));
    opened.set(entry, store);
    refs.set(store, [...(refs.get(store) ?? []), entry.ref]);
  }
  for (const [store, wanted] of refs) store.reads(asking.key, wanted);
  return opened;
};

export const fetchAll = async (asking: Asking): Promise<Fetched> => {
  const entries = entriesOf(asking);
  const data = new Map<string, Uint8Array>();
  const absent: string[] = [];
  try {
    const opened = await openAll(asking, entries);
    for (let first = 0; first < entries.length; first += atOnceLimit) {
      const some = entries.slice(first, first + atOnceLimit);
      const found = await Promise.all(
        some.map(entry => guarded(entry.store, () => ask(opened.get(entry) as OpenedStore, entry))),
      );
      for (const [i, pairs] of found.entries()) {
        if (pairs === undefined) absent.push(whereOf(some[i] as Entry));
        else for (const [key, value] of pairs) data.set(key, value);
      }
    }
    return { kind: 'data', data, absent, isAllAbsent: absent.length === entries.length };
  } catch (cause) {
    if (!(cause instanceof Failed)) throw cause;
    asking.stores.suspect(cause.store, cause.cause);
    return { kind: 'failed', failure: failureOf(cause.cause, storeWords(cause.store)) };
  }
};
