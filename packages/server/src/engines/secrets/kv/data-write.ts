/** Decides what a new version changes: the metadata, the value's record, and which older values go. */
import { CofferError } from '@coffer/schema/errors.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Write } from '../../../contracts/storage.ts';
import { type Maybe, whenThere } from '../../keyed/later.ts';
import { encodeValue, valueOf } from '../../keyed/value-record.ts';
import { versionAnswer } from './answers.ts';
import { checkCas } from './cas.ts';
import { changeKey, type Decision } from './change.ts';
import { deletionOf, keptVersions, type MountConfig, readConfig } from './config.ts';
import type { KvCx } from './cx.ts';
import { eventOf } from './events.ts';
import { firstVersion, isDeleted, type KeyMeta, newMeta, valueKey, type VersionMeta, versionOf } from './key-meta.ts';
import { mergePatch } from './merge.ts';

const absent = 404;

export interface DataWrite {
  readonly path: string;
  readonly data: RawJson;
  readonly cas: number | undefined;
}

interface NewVersion {
  readonly cx: KvCx;
  readonly path: string;
  readonly config: MountConfig;
  readonly type: 'kv-v2/data-write' | 'kv-v2/data-patch';
}

export const writeVersion = (cx: KvCx, { path, data, cas }: DataWrite): Maybe<Reply> =>
  whenThere(readConfig(cx.storage), config =>
    changeKey(cx, path, meta => {
      checkCas(meta, config, cas);
      return added({ cx, path, config, type: 'kv-v2/data-write' }, meta, data);
    }),
  );

export const patchVersion = async (cx: KvCx, { path, data, cas }: DataWrite): Promise<Reply | undefined> => {
  const config = await readConfig(cx.storage);
  return changeKey<Reply | undefined>(cx, path, async meta => {
    const number = meta?.currentVersion ?? 0;
    const about = meta === undefined ? undefined : versionOf(meta, number);
    if (meta === undefined || about === undefined) throw new CofferError('not_found', '');
    if (about.destroyed || isDeleted(about, cx.clock.now()))
      return { answer: new Reply(versionAnswer(meta, number, about), { status: absent }) };
    checkCas(meta, config, cas);
    const entry = await cx.storage.get(valueKey(path, number));
    if (entry === undefined) return undefined;
    return added({ cx, path, config, type: 'kv-v2/data-patch' }, meta, merged(valueOf(entry).json, data, cx));
  });
};

/** A patched value may grow to what can be written at once. */
const merged = (current: RawJson, patch: RawJson, { mountInfo: { bodyLimitBytes } }: KvCx): RawJson => {
  const bytes = writeJson(mergePatch(current.value(), patch.value()));
  if (bytes.length > bodyLimitBytes)
    throw new CofferError('body_too_large', `the patched data would be larger than ${bodyLimitBytes} bytes`);
  return new RawJson(bytes);
};

const added = (place: NewVersion, before: KeyMeta | undefined, data: RawJson): Decision<Reply> => {
  const { cx, path, config } = place;
  const nowMs = cx.clock.now();
  const { meta, gone } = withVersion(before ?? newMeta(nowMs), config, nowMs);
  const number = meta.currentVersion;
  const values: Write[] = [{ key: valueKey(path, number), value: encodeValue(nowMs, data) }];
  for (const version of gone) values.push({ key: valueKey(path, version), value: undefined });
  const dataPath = `data/${path}`;
  const event = eventOf(cx, { type: place.type, path: dataPath, dataPath, modified: true, versions: meta });
  const about = meta.versions[meta.versions.length - 1] as VersionMeta;
  return { answer: new Reply(versionAnswer(meta, number, about)), change: { meta, values, event } };
};

/** The metadata with one version more, and the numbers of those that are too many now. */
const withVersion = (
  before: KeyMeta,
  config: MountConfig,
  nowMs: number,
): { readonly meta: KeyMeta; readonly gone: readonly number[] } => {
  const currentVersion = before.currentVersion + 1;
  const about = { createdMs: nowMs, deletionMs: deletionOf(before, config, nowMs), destroyed: false };
  const all = [...before.versions, about];
  const versions = all.slice(-keptVersions(before, config));
  const first = firstVersion(before);
  const gone = Array.from({ length: all.length - versions.length }, (_, index) => first + index);
  const oldestVersion = Math.max(before.oldestVersion, currentVersion - keptVersions(before, config) + 1);
  return { meta: { ...before, currentVersion, oldestVersion, versions, updatedMs: nowMs }, gone };
};
