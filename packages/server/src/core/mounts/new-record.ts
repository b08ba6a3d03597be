/** The record of a mount that is about to be made: an id that is never used again, an accessor, and defaults. */
import type { Random } from '../../contracts/random.ts';
import { type MountRecord, plainMountConfig } from './mount.ts';

type Chosen = Pick<MountRecord, 'class' | 'path' | 'type' | 'description'> &
  Partial<Pick<MountRecord, 'local' | 'options' | 'config'>>;

export const newMountRecord = (random: Random, chosen: Chosen): MountRecord => {
  const named = `${chosen.type}_${random.bytes(4).toHex()}`;
  return {
    id: random.uuid(),
    accessor: chosen.class === 'auth' ? `auth_${named}` : named,
    local: false,
    externalEntropyAccess: false,
    options: new Map(),
    config: plainMountConfig,
    ...chosen,
  };
};
