/** What an import would do to one key of the store: compared as content, so that a second run changes nothing. */
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import { sameFacts, type Facts } from './custom-metadata.ts';
import type { Kept } from './record.ts';

export interface Stored {
  /** 0: there is none, and never was. */
  readonly version: number;
  /** `undefined` where the newest version is deleted. */
  readonly data: JsonObject | undefined;
  readonly facts: Facts;
}

export type Action = 'create' | 'update' | 'unchanged';

export interface Change {
  readonly action: Action;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Type, labels, annotations or the immutable mark are others. */
  readonly facts: boolean;
}

const same = (stored: Json | undefined, bytes: Uint8Array): boolean => {
  if (typeof stored !== 'string') return false;
  const before = new TextEncoder().encode(stored);
  return before.length === bytes.length && before.every((byte, at) => byte === bytes[at]);
};

export const changeOf = (wanted: Kept, stored: Stored): Change => {
  const before: JsonObject = stored.data ?? new Map();
  const added = [...wanted.values.keys()].filter(key => !before.has(key)).toSorted();
  const changed = [...wanted.values]
    .filter(([key, value]) => before.has(key) && !same(before.get(key), value.reveal()))
    .map(([key]) => key)
    .toSorted();
  const removed = [...before.keys()].filter(key => !wanted.values.has(key)).toSorted();
  const facts = !sameFacts(wanted.facts, stored.facts);
  const touched = facts || added.length + changed.length + removed.length > 0;
  const action = stored.data === undefined ? 'create' : touched ? 'update' : 'unchanged';
  return { action, added, changed, removed, facts };
};

export const changesValues = (change: Change): boolean =>
  change.action === 'create' || change.added.length + change.changed.length + change.removed.length > 0;
