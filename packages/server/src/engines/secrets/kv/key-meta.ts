/**
 * What is known of a key beside its values: settings, custom metadata, its versions. One record for each key, under
 * `m/<path>`; the values lie one by one under `v/<path>/<version>`. Versions are numbered without gaps from `first` to
 * `currentVersion`: older ones have gone.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Entry, EntryWrite } from '../../../contracts/engine.ts';

const format = 1;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

export interface VersionMeta {
  readonly createdMs: number;
  /** 0 for none; may lie ahead. */
  readonly deletionMs: number;
  readonly destroyed: boolean;
}

export interface KeyMeta {
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly currentVersion: number;
  /** As answered: 0 until as many versions were written as are kept. */
  readonly oldestVersion: number;
  readonly versions: readonly VersionMeta[];
  readonly maxVersions: number;
  readonly casRequired: boolean;
  readonly deleteAfterMs: number;
  readonly custom: ReadonlyMap<string, string>;
  readonly metadataVersion: number;
  readonly metadataCasRequired: boolean;
}

/** A record with what was made of it while it is cached. What nearly everybody asks for stands at hand. */
export interface StoredMeta {
  readonly meta: KeyMeta;
  readonly currentVersion: number;
  readonly current: VersionMeta | undefined;
}

export const metaRoot = 'm/';
export const valueRoot = 'v/';
export const metaKey = (path: string): string => metaRoot + path;
export const valueKey = (path: string, version: number): string => `${valueRoot}${path}/${version}`;

export const newMeta = (nowMs: number): KeyMeta => ({
  createdMs: nowMs,
  updatedMs: nowMs,
  currentVersion: 0,
  oldestVersion: 0,
  versions: [],
  maxVersions: 0,
  casRequired: false,
  deleteAfterMs: 0,
  custom: new Map(),
  metadataVersion: 0,
  metadataCasRequired: false,
});

export const firstVersion = (meta: KeyMeta): number => meta.currentVersion - meta.versions.length + 1;

export const versionOf = (meta: KeyMeta, version: number): VersionMeta | undefined =>
  version < 1 ? undefined : meta.versions[version - firstVersion(meta)];

export const isDeleted = (version: VersionMeta, nowMs: number): boolean =>
  version.deletionMs !== 0 && version.deletionMs <= nowMs;

/** A copy with some versions changed; numbers that are not there are passed over. */
export const withVersions = (
  meta: KeyMeta,
  numbers: Iterable<number>,
  change: (version: VersionMeta) => VersionMeta,
): KeyMeta => {
  const versions = [...meta.versions];
  const first = firstVersion(meta);
  for (const number of numbers) {
    const version = versionOf(meta, number);
    if (version !== undefined) versions[number - first] = change(version);
  }
  return { ...meta, versions };
};

type Flat = readonly [created: number, deletion: number, destroyed: 0 | 1];
interface Written extends Omit<KeyMeta, 'versions' | 'custom'> {
  readonly versions: readonly Flat[];
  readonly custom: readonly (readonly [string, string])[];
}

export const metaWrite = (path: string, meta: KeyMeta | undefined): EntryWrite => ({
  key: metaKey(path),
  value: meta && encodeMeta(meta),
  memo: meta && held(meta),
});

export const encodeMeta = (meta: KeyMeta): Uint8Array => {
  const written: Written = {
    ...meta,
    versions: meta.versions.map(version => [version.createdMs, version.deletionMs, version.destroyed ? 1 : 0]),
    custom: [...meta.custom],
  };
  // The format byte is ASCII: encoded as part of the text, the record is made in one step.
  return utf8.encode(String.fromCharCode(format) + JSON.stringify(written));
};

const decode = (record: Uint8Array): KeyMeta => {
  if (record[0] !== format)
    throw new CofferError('data_corrupt', "a key's metadata has a format that this server does not know");
  const written = JSON.parse(text.decode(record.subarray(1))) as Written;
  return {
    ...written,
    versions: written.versions.map(([createdMs, deletionMs, destroyed]) => ({
      createdMs,
      deletionMs,
      destroyed: destroyed === 1,
    })),
    custom: new Map(written.custom),
  };
};

const held = (meta: KeyMeta): StoredMeta => {
  const { currentVersion } = meta;
  return { meta, currentVersion, current: versionOf(meta, currentVersion) };
};

export const storedMeta = (entry: Entry): StoredMeta => {
  if (entry.memo !== undefined) return entry.memo as StoredMeta;
  const decoded = held(decode(entry.value));
  entry.memo = decoded;
  return decoded;
};
