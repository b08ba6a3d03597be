/** The way to the API of a store that runs in this process, as whoever may set it up. */
import { type Coffer, createClient } from '@coffer/client/client.ts';
import { nodeTransport } from '@coffer/client/node.ts';
import { systemRuntime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { kindOf, readWhole } from '../../platform/files/read.ts';
import { environment } from '../../platform/process/process.ts';
import { rootTokenFile } from '../server/embedded.ts';

const tokenLimitBytes = 4096;

const tokenOf = async (folder: string): Promise<Secret> => {
  const file = rootTokenFile(folder);
  if ((await kindOf(file)) !== 'none')
    return Secret.of(new TextDecoder().decode(await readWhole(file, tokenLimitBytes)).trim());
  const given = environment().get('COFFER_TOKEN') ?? '';
  if (given !== '') return Secret.of(given);
  throw new CofferError(
    'usage',
    `${file} is gone: set COFFER_TOKEN to a token that may write policies and auth methods, then try again.`,
  );
};

/** The root token of the folder, or else COFFER_TOKEN. Throws `usage` where there is neither. */
export const storeClient = async (address: string, folder: string): Promise<Coffer> =>
  createClient({ address, token: await tokenOf(folder), runtime: systemRuntime(nodeTransport()) });
