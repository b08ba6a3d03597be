/**
 * Changes the version of a mount's engine, as kv 1 to 2. The wish is recorded first; while the records are rewritten the
 * mount answers that it is being upgraded; a crash in between is taken up again when the store is next unsealed.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Core } from '../request/core.ts';
import type { MountRecord } from './mount.ts';

export const upgradeMount = async (
  core: Core,
  next: MountRecord,
  options: ReadonlyMap<string, string>,
): Promise<Reply> => {
  const from = next.options.get('version') ?? '1';
  const to = options.get('version') ?? '1';
  if (next.type !== 'kv' || from !== '1' || to !== '2')
    throw new CofferError('invalid_request', `a ${next.type} mount cannot change from version "${from}" to "${to}"`);
  await core.mounts.upgrade(next, options);
  return new Reply(undefined, {
    warnings: [
      'Upgrading mount from version 1 to version 2. This mount will be unavailable for a brief period and will resume service shortly.',
    ],
  });
};
