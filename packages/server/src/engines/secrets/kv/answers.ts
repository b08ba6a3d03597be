/** How versions and keys look in answers. */
import { isoTime } from '@coffer/schema/iso-time.ts';
import type { Out } from '@coffer/schema/out.ts';
import { type KeyMeta, firstVersion, type VersionMeta } from './key-meta.ts';
import { spanText } from './span.ts';

const moment = (ms: number): string => (ms === 0 ? '' : isoTime(ms));
const customOf = (meta: KeyMeta): Out => (meta.custom.size === 0 ? null : meta.custom);
const timesOf = ({ createdMs, deletionMs, destroyed }: VersionMeta) => ({
  created_time: moment(createdMs),
  deletion_time: moment(deletionMs),
  destroyed,
});

type Answer = { readonly [name: string]: Out };

export const versionAnswer = (meta: KeyMeta, number: number, version: VersionMeta): Answer => {
  const { created_time, deletion_time, destroyed } = timesOf(version);
  return { created_time, custom_metadata: customOf(meta), deletion_time, destroyed, version: number };
};

export const metadataAnswer = (meta: KeyMeta): Answer => {
  const first = firstVersion(meta);
  return {
    cas_required: meta.casRequired,
    created_time: moment(meta.createdMs),
    current_metadata_version: meta.metadataVersion,
    current_version: meta.currentVersion,
    custom_metadata: customOf(meta),
    delete_version_after: spanText(meta.deleteAfterMs),
    max_versions: meta.maxVersions,
    metadata_cas_required: meta.metadataCasRequired,
    oldest_version: meta.oldestVersion,
    updated_time: moment(meta.updatedMs),
    versions: new Map(meta.versions.map((version, index) => [String(first + index), timesOf(version)])),
  };
};
