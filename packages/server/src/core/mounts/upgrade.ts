/**
 * Changes the version of a mount's engine, as kv 1 to 2. The wish is recorded first; while the records are rewritten the
 * mount answers that it is being upgraded; a crash in between is taken up again when the store is next unsealed.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { MountRecord } from './mount.ts';

/** The record with these options: at once where they are of the same version, after an upgrade otherwise. */
export const withOptions = (record: MountRecord, options: ReadonlyMap<string, string>): MountRecord => {
  const from = record.options.get('version') ?? '1';
  const to = options.get('version') ?? '1';
  if (options.get('version') === record.options.get('version')) return { ...record, options };
  if (record.type !== 'kv' || from !== '1' || to !== '2')
    throw new CofferError('invalid_request', `a ${record.type} mount cannot change from version "${from}" to "${to}"`);
  return { ...record, upgradingTo: options };
};

export const upgradeWarning =
  'Upgrading mount from version 1 to version 2. This mount will be unavailable for a brief period and will resume service shortly.';

/** A node that takes its time over an upgrade is at it for less than this. */
const stalledMs = 120_000;

/** Upgrades that another node has begun, and perhaps ended in the middle of. */
export class StalledUpgrades {
  /** By mount: since when each is known. */
  #since: ReadonlyMap<string, number> = new Map();

  among(records: readonly MountRecord[], nowMs: number): readonly MountRecord[] {
    const begun = records.filter(({ upgradingTo }) => upgradingTo !== undefined);
    this.#since = new Map(begun.map(({ id }) => [id, this.#since.get(id) ?? nowMs]));
    return begun.filter(({ id }) => nowMs - (this.#since.get(id) ?? nowMs) >= stalledMs);
  }
}
