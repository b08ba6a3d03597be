/** Check-and-set: a write that holds only for the version its caller has seen. */
import { CofferError } from '@coffer/schema/errors.ts';
import { integer } from '@coffer/schema/fields/kinds/number.ts';
import { Refused } from '@coffer/schema/fields/kind.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import type { MountConfig } from './config.ts';
import type { KeyMeta } from './key-meta.ts';

const refuse = (message: string): never => {
  throw new CofferError('invalid_request', message);
};

/** `cas` out of the `options` of a data write. */
export const casOf = (options: RawJson | undefined): number | undefined => {
  const given = options?.members().get('cas');
  if (given === undefined || given.type === 'null') return undefined;
  try {
    return integer.coerce(given);
  } catch (cause) {
    if (cause instanceof Refused) return refuse('field "options.cas": expected a whole number');
    throw cause;
  }
};

export const checkCas = (meta: KeyMeta | undefined, config: MountConfig, cas: number | undefined): void => {
  if (cas === undefined) {
    if (config.casRequired || meta?.casRequired === true) refuse('check-and-set parameter required for this call');
  } else if (cas !== (meta?.currentVersion ?? 0)) {
    refuse('check-and-set parameter did not match the current version');
  }
};

export const checkMetadataCas = (meta: KeyMeta | undefined, config: MountConfig, cas: number | undefined): void => {
  if (cas === undefined) {
    if (config.metadataCasRequired || meta?.metadataCasRequired === true)
      refuse('metadata check-and-set parameter required for this call');
  } else if (meta === undefined) {
    if (cas !== 0) refuse('metadata_cas must be 0 when creating new metadata');
  } else if (cas !== meta.metadataVersion) {
    refuse('metadata check-and-set parameter does not match the current version');
  }
};
