/** Rows that move a mount to another path. Its records stay where they are: their keys carry the mount's id. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Core } from '../request/core.ts';
import type { MountClass } from '../mounts/mount.ts';
import { mountPath, refuseReserved } from '../mounts/paths.ts';
import { read, write } from './context.ts';

const parted = (path: string): { readonly kind: MountClass; readonly path: string } => {
  const trimmed = path.startsWith('//') ? path : path.replace(/^\//, '');
  return trimmed.startsWith('auth/')
    ? { kind: 'auth', path: mountPath(trimmed.slice('auth/'.length)) }
    : { kind: 'secret', path: mountPath(trimmed) };
};

interface Asked {
  readonly from: string;
  readonly to: string;
}

/** Answers the id to ask `remount/status` with. */
const move = async (core: Core, asked: Asked): Promise<string> => {
  const from = parted(asked.from);
  const to = parted(asked.to);
  refuseReserved(from.kind, from.path);
  refuseReserved(to.kind, to.path);
  if (from.kind !== to.kind) throw new CofferError('invalid_request', 'a mount cannot move between secrets and auth');
  const id = await core.mounts.move(from.kind, from.path, to.path);
  if (id === undefined) throw new CofferError('invalid_request', `no matching mount at "${from.path}"`);
  return id;
};

export const remountRows = [
  write(
    'remount',
    {
      summary: 'Move a mount to another path',
      access: 'sudo',
      in: { from: t.string('Its path', { required: true }), to: t.string('The new path', { required: true }) },
      out: { migration_id: t.string('Ask remount/status with it') },
      legacyTopLevel: true,
    },
    async ({ core }, args) => ({ migration_id: await move(core, args) }),
  ),
  read(
    'remount/status/:migration_id',
    {
      summary: 'Say how a move went',
      in: { migration_id: t.name('As answered by remount') },
      out: { migration_id: t.string('The id'), migration_info: t.object('Source, target and status') },
    },
    async ({ core }, { migration_id }) => {
      const moved = await core.mounts.moved(migration_id);
      if (moved === undefined) return undefined;
      return {
        migration_id,
        migration_info: { source_mount: moved.source, target_mount: moved.target, status: 'success' },
      };
    },
  ),
];
