/** What the parts of the storage conformance suite share. */
import assert from 'node:assert/strict';
import { CofferError } from '@coffer/schema/errors.ts';
import type {
  Commit,
  Storage,
  StorageCopies,
  StorageLife,
  Write,
} from '../../packages/server/src/contracts/storage.ts';

export type Opened = Storage & StorageLife & StorageCopies;
export type Open = (directory: string, historyLimit?: number) => Promise<Opened>;
/** Runs `body` on a fresh store, and closes it. */
export type OnStore = (name: string, body: (store: Opened, place: Place) => Promise<void>) => void;

export interface Place {
  readonly directory: string;
  readonly open: Open;
}

let commits = 0;
export const freshId = (): string => (++commits).toString(16).padStart(32, '0');
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array): string => Buffer.from(value).toString();
export const put = (key: string, value = key): Write => ({ key, value: bytes(value) });
export const write = (store: Storage, ...writes: Write[]) => store.commit({ id: freshId(), writes });
export const revisionOf = async (store: Storage, commit: Omit<Commit, 'id'>): Promise<number> => {
  const result = await store.commit({ id: freshId(), ...commit });
  assert.ok(result.ok);
  return result.revision;
};
export const keys = async (store: Storage, prefix: string): Promise<string[]> =>
  (await store.range(prefix)).map(({ key }) => key);
export const refusesWith = (code: string) => (error: unknown) => error instanceof CofferError && error.code === code;
