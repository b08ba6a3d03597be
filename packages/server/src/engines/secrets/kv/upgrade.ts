/**
 * Turns the records of an unversioned mount into first versions. Each commit moves a few secrets whole, so that a crash
 * leaves some moved and the others as they were, and the next run goes on there. Running it on what is already upgraded
 * changes nothing.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Cx, KeyRange, MountStorage } from '../../../contracts/engine.ts';
import type { Check, Write } from '../../../contracts/storage.ts';
import { encodeValue, valueOf } from '../../keyed/value-record.ts';
import { metaKey, newMeta, valueKey } from './key-meta.ts';
import { encodeMeta } from './meta-record.ts';
import { plainRoot } from './v1.ts';

/** Secrets in one commit: with the largest values a commit stays well below what a storage takes. */
const batchLimit = 16;
/** Runs of the loop in which another process moved the same secrets first. */
const lostLimit = 64;

interface Move {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

const moveOf = ({ key, revision, entry }: KeyRange, nowMs: number): Move => {
  if (entry === undefined) throw new CofferError('data_corrupt', 'a secret could not be read for the upgrade');
  const path = key.slice(plainRoot.length);
  const about = { createdMs: nowMs, deletionMs: 0, destroyed: false };
  const meta = { ...newMeta(nowMs), currentVersion: 1, versions: [about] };
  return {
    checks: [{ key, expect: revision }],
    writes: [
      { key: metaKey(path), value: encodeMeta(meta) },
      { key: valueKey(path, 1), value: encodeValue(nowMs, valueOf(entry).json) },
      { key, value: undefined },
    ],
  };
};

/** Answers how many secrets were moved. Nobody else may write to the mount meanwhile. */
export const upgradeV1ToV2 = async (storage: MountStorage, ports: Cx<'clock' | 'random'>): Promise<number> => {
  let moved = 0;
  for (let lost = 0; lost < lostLimit; ) {
    const found = await storage.range(plainRoot, { limit: batchLimit });
    if (found.length === 0) return moved;
    const moves = found.map(item => moveOf(item, ports.clock.now()));
    const result = await storage.commit({
      checks: moves.flatMap(({ checks }) => checks),
      writes: moves.flatMap(({ writes }) => writes),
    });
    if (result.ok) moved += found.length;
    else lost += 1;
  }
  throw new CofferError('conflict', 'The mount is being changed by others; the upgrade can be started again.');
};
