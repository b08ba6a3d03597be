/** Every command, and the groups they stand in. A new command is one line here. */
import type { Command, Group } from '../command.ts';
import { auditCommands } from './audit.ts';
import { auditFileCommands } from './audit-files.ts';
import { authCommands } from './auth.ts';
import { completionCommands } from './completion.ts';
import { doctorCommands } from './doctor.ts';
import { eventCommands } from './events.ts';
import { importCommands } from './import.ts';
import { kvCommands } from './kv.ts';
import { kvMetadataCommands } from './kv-metadata.ts';
import { leaseCommands } from './lease.ts';
import { loginCommands } from './login.ts';
import { monitorCommands } from './monitor.ts';
import { operatorGroup, operatorRunCommands } from './operator-run.ts';
import { operatorInitCommands } from './operator-init.ts';
import { operatorRekeyCommands } from './operator-rekey.ts';
import { operatorRootCommands } from './operator-root.ts';
import { operatorAnchorCommands } from './operator-anchor.ts';
import { operatorSealCommands } from './operator-seal.ts';
import { operatorSnapshotCommands } from './operator-snapshot.ts';
import { policyCommands } from './policy.ts';
import { readWriteCommands } from './read-write.ts';
import { runCommands } from './run.ts';
import { secretsCommands } from './secrets.ts';
import { serverCommands } from './server.ts';
import { statusCommands } from './status.ts';
import { tokenCommands } from './token.ts';
import { versionCommands } from './version.ts';

export const groups: readonly Group[] = [
  { name: 'audit', summary: 'Audit devices' },
  { name: 'auth', summary: 'Auth methods' },
  { name: 'completion', summary: 'Completion for shells' },
  { name: 'kv', summary: 'Key/value secrets' },
  { name: 'kv metadata', summary: 'Metadata of versioned key/value secrets' },
  { name: 'lease', summary: 'Leases of what engines made' },
  operatorGroup,
  { name: 'operator raft', summary: 'Snapshots, under the name that stores on raft gave them' },
  { name: 'operator raft snapshot', summary: 'Snapshots of the whole store' },
  { name: 'operator snapshot', summary: 'Snapshots of the whole store' },
  { name: 'policy', summary: 'Policies' },
  { name: 'print', summary: 'Print what this command uses' },
  { name: 'secrets', summary: 'Secrets engines' },
  { name: 'token', summary: 'Tokens' },
];

export const commands: readonly Command[] = [
  ...serverCommands,
  ...statusCommands,
  ...readWriteCommands,
  ...kvCommands,
  ...kvMetadataCommands,
  ...importCommands,
  ...runCommands,
  ...loginCommands,
  ...tokenCommands,
  ...leaseCommands,
  ...operatorRunCommands,
  ...doctorCommands,
  ...operatorInitCommands,
  ...operatorSealCommands,
  ...operatorAnchorCommands,
  ...operatorRekeyCommands,
  ...operatorRootCommands,
  ...operatorSnapshotCommands,
  ...policyCommands,
  ...secretsCommands,
  ...authCommands,
  ...auditCommands,
  ...monitorCommands,
  ...eventCommands,
  ...auditFileCommands,
  ...completionCommands,
  ...versionCommands,
];
