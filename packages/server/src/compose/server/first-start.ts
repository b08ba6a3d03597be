/**
 * The first start of a store that needs nobody to hold shares: keys are made, the store is initialised, `secret/` is
 * mounted. What only the owner may know goes into files only the owner can read.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { newMountRecord } from '../../core/mounts/new-record.ts';
import type { Core } from '../../core/request/core.ts';
import { newServiceToken } from '../../core/tokens/format.ts';
import { kindOf, readWhole } from '../../platform/files/read.ts';
import { makePrivateFolder, removeFile, writePrivate } from '../../platform/files/write.ts';
import { realRandom } from '../../platform/random/real.ts';
import { recoveryKeyFile, rootTokenFile, sealKeyFile, settingUpFile } from './embedded.ts';

const keyBytes = 32;
const tokenFileBytesLimit = 4096;
const utf8 = new TextEncoder();

export interface FirstStart {
  readonly folder: string;
  /** Undefined once the first start is finished. */
  readonly rootTokenId: string | undefined;
}

/**
 * The folder of the embedded default. What opens the store is on disk before the store is made of it; a mark says that
 * the first start is not finished, so that a crash in between is taken up again and nothing is ever replaced.
 */
export const prepareFolder = async (folder: string): Promise<FirstStart> => {
  makePrivateFolder(folder);
  const begun = (await kindOf(settingUpFile(folder))) !== 'none';
  const isNew = (await kindOf(`${folder}/coffer.db`)) === 'none' && (await kindOf(sealKeyFile(folder))) === 'none';
  if (!begun && !isNew) return { folder, rootTokenId: undefined };
  const random = realRandom();
  if (!begun) await writePrivate(settingUpFile(folder), utf8.encode('the first start is not finished\n'));
  if ((await kindOf(sealKeyFile(folder))) === 'none')
    await writePrivate(sealKeyFile(folder), utf8.encode(`${random.bytes(keyBytes).toHex()}\n`));
  if ((await kindOf(rootTokenFile(folder))) === 'none')
    await writePrivate(rootTokenFile(folder), utf8.encode(newServiceToken(random)));
  const token = await readWhole(rootTokenFile(folder), tokenFileBytesLimit);
  return { folder, rootTokenId: new TextDecoder().decode(token).trim() };
};

/**
 * Initialises the store where it is new, with the root token that is on disk already. Its recovery key is on disk before
 * it counts as initialised; that of an attempt that was cut off is replaced together with the attempt.
 */
export const finishFirstStart = async (core: Core, { folder, rootTokenId }: FirstStart): Promise<void> => {
  if (rootTokenId === undefined) return refuseEmpty(core, folder);
  if (!(await core.seal.initialized())) {
    await core.seal.initialize({
      recoveryShares: 1,
      recoveryThreshold: 1,
      keep: made => writePrivate(recoveryKeyFile(folder), utf8.encode(`${made.recovery?.keysBase64[0] ?? ''}\n`)),
    });
  }
  if (core.mounts.at('secret', 'secret/') === undefined) await mountSecret(core, '2');
  await removeFile(settingUpFile(folder));
};

/** Who finds an uninitialised store could initialise it, and its owner would take it for his own. */
const refuseEmpty = async (core: Core, folder: string): Promise<void> => {
  if (await core.seal.initialized()) return;
  throw new CofferError(
    'data_corrupt',
    `The store in ${folder} is empty, but it was set up before: put coffer.db back from a backup, or move the folder away to begin anew.`,
  );
};

/** The mount that tours and tools expect. */
export const mountSecret = (core: Core, version: '1' | '2'): Promise<void> =>
  core.mounts.add(
    newMountRecord(core.random, {
      class: 'secret',
      path: 'secret/',
      type: 'kv',
      description: 'key/value secret storage',
      options: new Map([['version', version]]),
    }),
  );
