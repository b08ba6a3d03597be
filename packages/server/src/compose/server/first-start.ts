/**
 * The first start of a store that needs nobody to hold shares: keys are made, the store is initialised, `secret/` is
 * mounted. What only the owner may know goes into files only the owner can read.
 */
import { plainMountConfig } from '../../core/mounts/mount.ts';
import type { Core } from '../../core/request/core.ts';
import { kindOf } from '../../platform/files/read.ts';
import { makePrivateFolder, writePrivate } from '../../platform/files/write.ts';
import { realRandom } from '../../platform/random/real.ts';
import { recoveryKeyFile, rootTokenFile, sealKeyFile } from './embedded.ts';

const keyBytes = 32;
const utf8 = new TextEncoder();

/** The folder of the embedded default and its key: made once, never replaced. */
export const prepareFolder = async (folder: string): Promise<void> => {
  await makePrivateFolder(folder);
  const keyFile = sealKeyFile(folder);
  if ((await kindOf(keyFile)) !== 'none' || (await kindOf(`${folder}/coffer.db`)) !== 'none') return;
  await writePrivate(keyFile, utf8.encode(`${realRandom().bytes(keyBytes).toHex()}\n`));
};

/** Initialises the store where it is new; answers whether it was. */
export const firstStart = async (core: Core, folder: string): Promise<boolean> => {
  if (await core.seal.initialized()) return false;
  const made = await core.seal.initialize({ recoveryShares: 1, recoveryThreshold: 1 });
  await writePrivate(rootTokenFile(folder), utf8.encode(made.rootToken));
  await writePrivate(recoveryKeyFile(folder), utf8.encode(`${made.recovery?.keysBase64[0] ?? ''}\n`));
  await mountSecret(core, '2');
  return true;
};

/** The mount that tours and tools expect. */
export const mountSecret = (core: Core, version: '1' | '2'): Promise<void> =>
  core.mounts.add({
    id: core.random.uuid(),
    class: 'secret',
    path: 'secret/',
    type: 'kv',
    description: 'key/value secret storage',
    accessor: `kv_${core.random.bytes(4).toHex()}`,
    local: false,
    sealWrap: false,
    externalEntropyAccess: false,
    options: new Map([['version', version]]),
    config: plainMountConfig,
  });
