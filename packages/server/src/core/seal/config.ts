/**
 * How the store is sealed, in clear: it must be read before anything can be opened. Nothing here is believed beyond
 * counting shares: what a quorum proves is proved by the key it yields.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Storage, Write } from '../../contracts/storage.ts';
import { sharesLimit } from './shamir.ts';

export const configKey = '1/-/seal/config';
const configFormat = 1;

export interface SealConfig {
  /** Of the seal that wraps the root key. */
  readonly type: string;
  /** Of the unseal key; of the recovery key where the seal opens by itself, then 0 for none. */
  readonly shares: number;
  readonly threshold: number;
  /** One for each share. */
  readonly verifiers: readonly string[];
}

export interface HeldConfig extends SealConfig {
  readonly revision: number;
}

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

export const configWrite = ({ type, shares, threshold, verifiers }: SealConfig): Write => {
  const json = utf8.encode(JSON.stringify({ type, shares, threshold, verifiers }));
  const value = new Uint8Array(1 + json.length);
  value[0] = configFormat;
  value.set(json, 1);
  return { key: configKey, value };
};

const damaged = (): CofferError => new CofferError('data_corrupt', `The record "${configKey}" is damaged.`);

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= sharesLimit;

const parse = (json: string): SealConfig => {
  const { type, shares, threshold, verifiers } = JSON.parse(json) as { [K in keyof SealConfig]?: unknown };
  if (typeof type !== 'string' || !isCount(shares) || !isCount(threshold) || threshold > shares) throw damaged();
  if (!Array.isArray(verifiers) || verifiers.length !== shares) throw damaged();
  return { type, shares, threshold, verifiers: verifiers.map(String) };
};

const tryParse = (json: Uint8Array): SealConfig => {
  try {
    return parse(text.decode(json));
  } catch {
    throw damaged();
  }
};

/** Undefined where the store is not initialised. */
export const readConfig = async (storage: Storage): Promise<HeldConfig | undefined> => {
  const stored = await storage.get(configKey);
  if (stored === undefined) return undefined;
  if (stored.value[0] !== configFormat) {
    const format = stored.value[0] ?? 'none';
    throw new CofferError('data_corrupt', `The record "${configKey}" has format ${format}: use a newer version.`);
  }
  return { ...tryParse(stored.value.subarray(1)), revision: stored.revision };
};
