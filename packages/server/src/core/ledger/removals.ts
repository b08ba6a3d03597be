/**
 * What a commit removed, told beside it in the change log: a record that is gone says nothing, and who takes records away after a
 * crash must not be able to say that the last commits did it.
 *
 *     id of the commit 16 ‖ MAC 32 ‖ place of each removed key among the commit's u32
 */
import { type Change, type ChangeEvent, type Commit, untoldType } from '../../contracts/storage.ts';
import { sameSecret } from '../../platform/crypto/equal.ts';
import type { Ledger } from './ledger.ts';

const idBytes = 16;
const placesAt = idBytes + 32;

export const removalsOf = (ledger: Ledger, { id, writes }: Commit): ChangeEvent | undefined => {
  const places: number[] = [];
  for (const [at, { value }] of writes.entries()) if (value === undefined) places.push(at);
  if (places.length === 0) return undefined;
  const payload = new Uint8Array(placesAt + places.length * 4);
  const keys = places.map(at => writes[at]?.key ?? '');
  payload.set(Uint8Array.fromHex(id));
  payload.set(ledger.removalsMac(id, keys), idBytes);
  const view = new DataView(payload.buffer);
  for (const [at, place] of places.entries()) view.setUint32(placesAt + at * 4, place);
  return { type: untoldType, payload };
};

export interface Removals {
  readonly id: Uint8Array;
  readonly keys: readonly string[];
}

/** What the commit of this change removed, as it said itself; undefined where it did not, or somebody else says it. */
export const provedRemovals = (ledger: Ledger, { keys, events }: Omit<Change, 'revision'>): Removals | undefined => {
  const payload = events.find(({ type }) => type === untoldType)?.payload;
  if (payload === undefined || payload.length < placesAt || payload.length % 4 !== 0) return undefined;
  const id = payload.slice(0, idBytes);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const removed: string[] = [];
  for (let at = placesAt; at < payload.length; at += 4) removed.push(keys[view.getUint32(at)] ?? '');
  const isOurs = sameSecret(payload.subarray(idBytes, placesAt), ledger.removalsMac(id.toHex(), removed));
  return isOurs ? { id, keys: removed } : undefined;
};
