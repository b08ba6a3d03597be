/** Every command, and the groups they stand in. A new command is one line here. */
import type { Command, Group } from '../command.ts';
import { kvCommands } from './kv.ts';
import { kvMetadataCommands } from './kv-metadata.ts';
import { loginCommands } from './login.ts';
import { operatorInitCommands } from './operator-init.ts';
import { operatorSealCommands } from './operator-seal.ts';
import { readWriteCommands } from './read-write.ts';
import { serverCommands } from './server.ts';
import { statusCommands } from './status.ts';
import { tokenCommands } from './token.ts';
import { versionCommands } from './version.ts';

export const groups: readonly Group[] = [
  { name: 'kv', summary: 'Key/value secrets' },
  { name: 'kv metadata', summary: 'Metadata of versioned key/value secrets' },
  { name: 'operator', summary: 'Initialise, seal and rotate the store' },
  { name: 'print', summary: 'Print what this command uses' },
  { name: 'token', summary: 'Tokens' },
];

export const commands: readonly Command[] = [
  ...serverCommands,
  ...statusCommands,
  ...readWriteCommands,
  ...kvCommands,
  ...kvMetadataCommands,
  ...loginCommands,
  ...tokenCommands,
  ...operatorInitCommands,
  ...operatorSealCommands,
  ...versionCommands,
];
