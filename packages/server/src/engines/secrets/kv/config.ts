/** Settings of a versioned mount, one record: what holds for every key that says nothing else. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Entry, MountStorage } from '../../../contracts/engine.ts';
import { type Maybe, whenThere } from '../../keyed/later.ts';
import type { KeyMeta } from './key-meta.ts';

export const configKey = 'config';
const defaultVersions = 10;
/** A key's versions are in one record and go in one commit. */
export const versionsLimit = 10_000;

const format = 1;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

export interface MountConfig {
  readonly maxVersions: number;
  readonly casRequired: boolean;
  /** 0: none. Below 0: keys' own spans do not count either. */
  readonly deleteAfterMs: number;
  readonly metadataCasRequired: boolean;
}

export const noConfig: MountConfig = Object.freeze({
  maxVersions: 0,
  casRequired: false,
  deleteAfterMs: 0,
  metadataCasRequired: false,
});

export const encodeConfig = (config: MountConfig): Uint8Array =>
  Uint8Array.of(format, ...utf8.encode(JSON.stringify(config)));

const decode = (entry: Entry): MountConfig => {
  if (entry.memo !== undefined) return entry.memo as MountConfig;
  if (entry.value[0] !== format)
    throw new CofferError('data_corrupt', "the mount's settings have a format that this server does not know");
  const config = JSON.parse(text.decode(entry.value.subarray(1))) as MountConfig;
  entry.memo = config;
  return config;
};

export const configOf = (entry: Entry | undefined): MountConfig => (entry === undefined ? noConfig : decode(entry));

export const readConfig = (storage: MountStorage): Maybe<MountConfig> => whenThere(storage.get(configKey), configOf);

/** How many versions of the key are kept. */
export const keptVersions = (meta: KeyMeta, config: MountConfig): number =>
  meta.maxVersions || config.maxVersions || defaultVersions;

/** When a version written now will be deleted by itself; 0 for never. The smaller span of key and mount counts. */
export const deletionOf = (meta: KeyMeta, config: MountConfig, nowMs: number): number => {
  if (config.deleteAfterMs < 0) return 0;
  const spans = [meta.deleteAfterMs, config.deleteAfterMs].filter(span => span > 0);
  return spans.length === 0 ? 0 : nowMs + Math.min(...spans);
};

/** Throws for what a key or mount cannot keep. */
export const checkVersions = (count: number): number => {
  if (count >= 0 && count <= versionsLimit) return count;
  throw new CofferError('invalid_request', `field "max_versions": expected a whole number from 0 to ${versionsLimit}`);
};
