/** What people do with the files of audit devices. Their code is loaded when they are asked for. */
import { type Command, command, noLimit } from '../command.ts';
import { bool, text } from '../flags.ts';
import { idleInBulk } from '../globals.ts';

/** No fault was found, but none was looked for either. */
const notJudged = 1;

export const auditFileCommands: readonly Command[] = [
  command({
    name: 'audit verify',
    args: 'FILE...',
    summary: 'Prove that audit files are whole',
    details:
      'Finds what was changed, cut out, put in, moved or cut off, and says where. Give all files of a device, in any order.\n' +
      'The store is asked how far its records go and whether it wrote them: that needs sudo on sys/audit-chain. The exit code\n' +
      'is 0 where they are whole, 2 where they are not, 1 where that could not be found out. More: docs/audit.md',
    flags: {
      checkpoints: text(
        'Ask this file in place of the store: a kept answer of "coffer read -format=json sys/audit-chain"',
      ),
      offline: bool('Ask nobody: finds damage, not forgery'),
      part: bool('The files are not all there are: what comes before and after them is not missed'),
    },
    idle: idleInBulk,
    count: [1, noLimit],
    doing: () => 'verifying audit files',
    failure: notJudged,
    run: async cx => (await import('./audit-verify.ts')).verifyAudit(cx),
  }),
];
