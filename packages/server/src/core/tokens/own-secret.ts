/** A secret that a store makes for itself once and keeps: a format byte, then its bytes. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountStorage } from '../../contracts/engine.ts';

const format = 1;

/** The secret under `key`; the first time it is made. Where two make it at once, both get the one that was stored. */
export const ownSecret = async (storage: MountStorage, key: string, make: () => Uint8Array): Promise<Uint8Array> => {
  const there = (await storage.get(key))?.value;
  if (there !== undefined) return bodyOf(key, there);
  const made = make();
  const result = await storage.commit({
    checks: [{ key, expect: 'absent' }],
    writes: [{ key, value: new Uint8Array([format, ...made]) }],
  });
  if (result.ok) return made;
  const others = (await storage.get(key))?.value;
  if (others === undefined) throw new CofferError('conflict', `${key} was changed by somebody else at the same time`);
  return bodyOf(key, others);
};

const bodyOf = (key: string, value: Uint8Array): Uint8Array => {
  if (value[0] !== format)
    throw new CofferError('data_corrupt', `${key} has format ${value[0] ?? 'none'}, which this version does not know.`);
  return value.slice(1);
};
