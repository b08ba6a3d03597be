/** Settings as mount and key have them in common, read out of a request; what was not given stays `undefined`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { checkVersions } from './config.ts';
import { readSpan } from './span.ts';

export const settingFields = {
  max_versions: t.integer('Versions to keep; 0 for what the mount says, or 10'),
  cas_required: t.boolean('Writes must name the version they replace'),
  delete_version_after: t.string('Time after which a new version is deleted by itself; 0 clears it'),
  metadata_cas_required: t.boolean('Changes of the metadata must name the metadata version they replace'),
};

export interface GivenSettings {
  readonly max_versions?: number | undefined;
  readonly cas_required?: boolean | undefined;
  readonly delete_version_after?: string | undefined;
  readonly metadata_cas_required?: boolean | undefined;
}

export interface Settings {
  readonly maxVersions: number;
  readonly casRequired: boolean;
  readonly deleteAfterMs: number;
  readonly metadataCasRequired: boolean;
}

export const settingsOver = <S extends Settings>(before: S, given: GivenSettings): S => ({
  ...before,
  maxVersions: given.max_versions === undefined ? before.maxVersions : checkVersions(given.max_versions),
  casRequired: given.cas_required ?? before.casRequired,
  deleteAfterMs:
    given.delete_version_after === undefined
      ? before.deleteAfterMs
      : readSpan('delete_version_after', given.delete_version_after),
  metadataCasRequired: given.metadata_cas_required ?? before.metadataCasRequired,
});

export const isGiven = (given: GivenSettings): boolean =>
  given.max_versions !== undefined ||
  given.cas_required !== undefined ||
  given.delete_version_after !== undefined ||
  given.metadata_cas_required !== undefined;

const ignored = (name: string): string =>
  `"${name}" set to false, but is mandated by backend config. This value will be ignored.`;

/** A key cannot take itself out of what the mount asks for: it may say so, and is told. */
export const settingWarnings = (config: Settings, given: GivenSettings): readonly string[] => {
  const warnings: string[] = [];
  if (config.casRequired && given.cas_required === false) warnings.push(ignored('cas_required'));
  if (config.metadataCasRequired && given.metadata_cas_required === false)
    warnings.push(ignored('metadata_cas_required'));
  return warnings;
};

export const refuseNegativeSpan = (spanMs: number): void => {
  if (spanMs < 0) throw new CofferError('invalid_request', 'delete_version_after must not be negative');
};
