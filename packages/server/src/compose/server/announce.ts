/** What the server says when it is up, to people and to the tools that read it. */
import { kindOf } from '../../platform/files/read.ts';
import { writePrivate } from '../../platform/files/write.ts';
import { environment, type Output } from '../../platform/process/process.ts';
import { auditFile, rootTokenFile, sealKeyFile } from './embedded.ts';
import type { Running } from './start.ts';

interface DevAnnouncement {
  readonly running: Running;
  readonly rootToken: string;
  readonly unsealKey: string;
  readonly storeToken: boolean;
}

export const announceDev = async (
  output: Output,
  { running, rootToken, unsealKey, storeToken }: DevAnnouncement,
): Promise<void> => {
  const [address = ''] = running.addresses;
  warnOpen(output, running.addresses);
  output.out(`==> Coffer server configuration:

             Api Address: ${address}
                 Storage: inmem

==> Coffer server started!

WARNING! dev mode is enabled! In this mode, Coffer runs entirely in-memory
and starts unsealed with a single unseal key. Nothing is kept when it ends.

    $ export COFFER_ADDR='${address}'

Unseal Key: ${unsealKey}
Root Token: ${rootToken}

Development mode must not be used in production.
`);
  if (storeToken) await storeForCommands(rootToken);
};

/** Where the command looks for a token; a folder that is missing is left alone. */
const storeForCommands = async (token: string): Promise<void> => {
  const home = environment().get('HOME') ?? '';
  if (home !== '' && (await kindOf(home)) === 'folder')
    await writePrivate(`${home}/.vault-token`, new TextEncoder().encode(token));
};

/** What whoever started it has to do before it serves; nothing where it does. */
export const announceState = async (output: Output, { core, addresses: [address = ''] }: Running): Promise<void> => {
  const { initialized, sealed, threshold } = await core.seal.status();
  if (!sealed) return;
  const keys = threshold === 1 ? 'the unseal key' : `${threshold} of the unseal keys`;
  output.out(
    initialized
      ? `    The store is sealed. Give ${keys}: coffer operator unseal -address=${address}\n`
      : `    The store is new and has no keys yet. Make them: coffer operator init -address=${address}\n`,
  );
};

interface EmbeddedAnnouncement {
  readonly running: Running;
  readonly folder: string;
  readonly isNew: boolean;
}

const loopback = /^http:\/\/(?:127\.|\[::1\]|localhost)/;

/** Neither mode has TLS: what others on the network can reach, they can read. */
const warnOpen = (output: Output, addresses: readonly string[]): void => {
  const open = addresses.filter(address => !loopback.test(address));
  if (open.length > 0)
    output.err(
      `[WARN] ${open.join(', ')}: plain HTTP on an address that others reach; use a configuration with TLS (docs/production.md)\n`,
    );
};

export const announceEmbedded = (output: Output, { running, folder, isNew }: EmbeddedAnnouncement): void => {
  const [address = ''] = running.addresses;
  warnOpen(output, running.addresses);
  output.out(`==> Coffer is running at ${address}
    data       ${folder}/coffer.db
    seal key   ${sealKeyFile(folder)}
    audit log  ${auditFile(folder)}
${isNew ? newStore(folder) : ''}
In another terminal:

    export COFFER_ADDR=${address}
    export COFFER_TOKEN="$(cat '${rootTokenFile(folder)}')"

The seal key opens the data: keep it elsewhere in production (docs/production.md).
`);
};

const newStore = (folder: string): string => `
This is a new store. It has a key/value mount at secret/ and its root token in
${rootTokenFile(folder)}
`;
