/**
 * How a key's metadata is stored. Made and read with every write of a secret, so it is laid down as numbers, not as text:
 *
 *     format 2 | flags u8 | created f64 | updated f64 | delete after f64 | current, oldest, most versions u32 each |
 *     metadata version u32 | versions u32 | for each: created f64, deletion f64, destroyed u8 | custom metadata as JSON
 *
 * Times in milliseconds, integers big-endian. Custom metadata is a list of pairs; nothing where there are none. Format 1,
 * the same as JSON, is read, and replaced when its key is written.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { shortLived } from '@coffer/schema/short-lived.ts';
import type { Entry, EntryWrite } from '../../../contracts/engine.ts';
import { type KeyMeta, metaKey, noCustom, type VersionMeta, versionOf } from './key-meta.ts';

const format = 2;
const textFormat = 1;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

const casRequired = 1;
const metadataCasRequired = 2;

const flagsAt = 1;
const createdAt = 2;
const updatedAt = 10;
const deleteAfterAt = 18;
const currentAt = 26;
const oldestAt = 30;
const mostAt = 34;
const metadataVersionAt = 38;
const countAt = 42;
const versionsAt = 46;
const versionBytes = 17;

/** A record with what was made of it while it is cached. What nearly everybody asks for stands at hand. */
export interface StoredMeta {
  readonly meta: KeyMeta;
  readonly currentVersion: number;
  readonly current: VersionMeta | undefined;
}

type Pairs = readonly (readonly [string, string])[];

const none = new Uint8Array(0);

export const encodeMeta = (meta: KeyMeta): Uint8Array => {
  const custom = meta.custom.size === 0 ? none : utf8.encode(JSON.stringify([...meta.custom]));
  const customAt = versionsAt + meta.versions.length * versionBytes;
  const record = shortLived(customAt + custom.length);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  record[0] = format;
  record[flagsAt] = (meta.casRequired ? casRequired : 0) | (meta.metadataCasRequired ? metadataCasRequired : 0);
  view.setFloat64(createdAt, meta.createdMs);
  view.setFloat64(updatedAt, meta.updatedMs);
  view.setFloat64(deleteAfterAt, meta.deleteAfterMs);
  view.setUint32(currentAt, meta.currentVersion);
  view.setUint32(oldestAt, meta.oldestVersion);
  view.setUint32(mostAt, meta.maxVersions);
  view.setUint32(metadataVersionAt, meta.metadataVersion);
  view.setUint32(countAt, meta.versions.length);
  let at = versionsAt;
  for (const { createdMs, deletionMs, destroyed } of meta.versions) {
    view.setFloat64(at, createdMs);
    view.setFloat64(at + 8, deletionMs);
    record[at + 16] = destroyed ? 1 : 0;
    at += versionBytes;
  }
  record.set(custom, customAt);
  return record;
};

const unknown = (): CofferError =>
  new CofferError('data_corrupt', "a key's metadata has a format that this server does not know");

const decode = (record: Uint8Array): KeyMeta => {
  if (record[0] === textFormat) return decodeText(record);
  if (record[0] !== format || record.length < versionsAt) throw unknown();
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const customAt = versionsAt + view.getUint32(countAt) * versionBytes;
  if (customAt > record.length) throw unknown();
  const versions: VersionMeta[] = [];
  for (let at = versionsAt; at < customAt; at += versionBytes)
    versions.push({
      createdMs: view.getFloat64(at),
      deletionMs: view.getFloat64(at + 8),
      destroyed: record[at + 16] === 1,
    });
  const flags = record[flagsAt] ?? 0;
  return {
    createdMs: view.getFloat64(createdAt),
    updatedMs: view.getFloat64(updatedAt),
    currentVersion: view.getUint32(currentAt),
    oldestVersion: view.getUint32(oldestAt),
    versions,
    maxVersions: view.getUint32(mostAt),
    casRequired: (flags & casRequired) !== 0,
    deleteAfterMs: view.getFloat64(deleteAfterAt),
    custom:
      customAt === record.length ? noCustom : new Map(JSON.parse(text.decode(record.subarray(customAt))) as Pairs),
    metadataVersion: view.getUint32(metadataVersionAt),
    metadataCasRequired: (flags & metadataCasRequired) !== 0,
  };
};

interface Written extends Omit<KeyMeta, 'versions' | 'custom'> {
  readonly versions: readonly (readonly [created: number, deletion: number, destroyed: 0 | 1])[];
  readonly custom: Pairs;
}

const decodeText = (record: Uint8Array): KeyMeta => {
  const written = JSON.parse(text.decode(record.subarray(1))) as Written;
  const versions = written.versions.map(([createdMs, deletionMs, destroyed]) => ({
    createdMs,
    deletionMs,
    destroyed: destroyed === 1,
  }));
  return { ...written, versions, custom: new Map(written.custom) };
};

const held = (meta: KeyMeta): StoredMeta => {
  const { currentVersion } = meta;
  return { meta, currentVersion, current: versionOf(meta, currentVersion) };
};

export const metaWrite = (path: string, meta: KeyMeta | undefined): EntryWrite => ({
  key: metaKey(path),
  value: meta && encodeMeta(meta),
  memo: meta && held(meta),
});

export const storedMeta = (entry: Entry): StoredMeta => {
  if (entry.memo !== undefined) return entry.memo as StoredMeta;
  const decoded = held(decode(entry.value));
  entry.memo = decoded;
  return decoded;
};
