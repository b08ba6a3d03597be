/** Decides what a change of a key's metadata does, and removes a key with all its versions in one commit. */
import { CofferError } from '@coffer/schema/errors.ts';
import { boolean, integer } from '@coffer/schema/fields/kinds/number.ts';
import { string } from '@coffer/schema/fields/kinds/text.ts';
import { type Kind, refusedField } from '@coffer/schema/fields/kind.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Write } from '../../../contracts/storage.ts';
import { checkMetadataCas } from './cas.ts';
import { changeKey, type Decision } from './change.ts';
import { type MountConfig, readConfig } from './config.ts';
import { patchCustom, readCustom } from './custom-metadata.ts';
import type { KvCx } from './cx.ts';
import { eventOf } from './events.ts';
import { firstVersion, type KeyMeta, newMeta, valueKey } from './key-meta.ts';
import { type GivenSettings, isGiven, refuseNegativeSpan, settingsOver, settingWarnings } from './settings.ts';

export interface MetadataChange extends GivenSettings {
  readonly path: string;
  readonly custom_metadata?: RawJson | undefined;
  readonly metadata_cas?: number | undefined;
}

interface Step {
  readonly cx: KvCx;
  readonly config: MountConfig;
  readonly given: MetadataChange;
  readonly kind: 'metadata-write' | 'metadata-patch';
}

const says = (given: MetadataChange): boolean => isGiven(given) || given.custom_metadata !== undefined;

const decide = (step: Step, before: KeyMeta | undefined): Decision<Reply | undefined> => {
  const { cx, config, given, kind } = step;
  if (kind === 'metadata-patch' && before === undefined) throw new CofferError('not_found', '');
  checkMetadataCas(before, config, given.metadata_cas);
  const nowMs = cx.clock.now();
  const settled = settingsOver(before ?? newMeta(nowMs), given);
  refuseNegativeSpan(settled.deleteAfterMs);
  const meta: KeyMeta = {
    ...settled,
    custom: customAfter(step, settled),
    metadataVersion: settled.metadataVersion + 1,
    updatedMs: nowMs,
  };
  const path = `metadata/${given.path}`;
  const event = eventOf(cx, { type: `kv-v2/${kind}`, path, dataPath: path, modified: true, versions: meta });
  const warnings = settingWarnings(config, given);
  const answer = warnings.length === 0 ? undefined : new Reply(undefined, { warnings });
  return { answer, change: { meta, values: [], event } };
};

const customAfter = ({ given, kind }: Step, meta: KeyMeta): ReadonlyMap<string, string> => {
  if (given.custom_metadata === undefined) return meta.custom;
  return kind === 'metadata-patch'
    ? patchCustom(meta.custom, given.custom_metadata)
    : readCustom(given.custom_metadata);
};

/** A request that sets nothing changes nothing. */
export const writeMetadata = async (cx: KvCx, given: MetadataChange): Promise<Reply | undefined> => {
  if (!says(given)) return undefined;
  const config = await readConfig(cx.storage);
  return changeKey(cx, given.path, meta => decide({ cx, config, given, kind: 'metadata-write' }, meta));
};

/** The members of a merge patch; `null` sets back. */
const readPatch = (path: string, patch: RawJson | undefined): MetadataChange => {
  const members = patch?.members() ?? new Map<string, RawJson>();
  const read = <T>(name: string, kind: Kind<T>, cleared: T): T | undefined => {
    const value = members.get(name);
    if (value === undefined) return undefined;
    try {
      return value.type === 'null' ? cleared : kind.coerce(value);
    } catch (cause) {
      throw refusedField(name, cause);
    }
  };
  return {
    path,
    max_versions: read('max_versions', integer, 0),
    cas_required: read('cas_required', boolean, false),
    delete_version_after: read('delete_version_after', string, '0'),
    metadata_cas_required: read('metadata_cas_required', boolean, false),
    metadata_cas: read<number | undefined>('metadata_cas', integer, undefined),
    custom_metadata: members.get('custom_metadata'),
  };
};

export const patchMetadata = async (cx: KvCx, path: string, patch: RawJson | undefined): Promise<Reply | undefined> => {
  const given = readPatch(path, patch);
  const config = await readConfig(cx.storage);
  return changeKey(cx, path, meta =>
    meta !== undefined && !says(given)
      ? { answer: undefined }
      : decide({ cx, config, given, kind: 'metadata-patch' }, meta),
  );
};

/** One commit: at most as many records as versions may be kept, without values. */
export const removeKey = (cx: KvCx, path: string): Promise<undefined> =>
  changeKey(cx, path, meta => {
    if (meta === undefined) return { answer: undefined };
    const first = firstVersion(meta);
    const values = meta.versions.map((_, index): Write => ({ key: valueKey(path, first + index), value: undefined }));
    const event = eventOf(cx, {
      type: 'kv-v2/metadata-delete',
      path: `metadata/${path}`,
      modified: true,
      versions: meta,
    });
    return { answer: undefined, change: { meta: undefined, values, event } };
  });
