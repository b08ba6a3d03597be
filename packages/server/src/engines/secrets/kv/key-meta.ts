/**
 * What is known of a key beside its values: settings, custom metadata, its versions. One record for each key, under
 * `m/<path>`; the values lie one by one under `v/<path>/<version>`. Versions are numbered without gaps from `first` to
 * `currentVersion`: older ones have gone.
 */
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

export const metaRoot = 'm/';
export const valueRoot = 'v/';
export const metaKey = (path: string): string => metaRoot + path;
export const valueKey = (path: string, version: number): string => `${valueRoot}${path}/${version}`;

/** One for all keys without: a map of its own would be a fourth of what a key takes in memory. */
export const noCustom: ReadonlyMap<string, string> = new Map();

export const newMeta = (nowMs: number): KeyMeta => ({
  createdMs: nowMs,
  updatedMs: nowMs,
  currentVersion: 0,
  oldestVersion: 0,
  versions: [],
  maxVersions: 0,
  casRequired: false,
  deleteAfterMs: 0,
  custom: noCustom,
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
