/** What people do with the files of audit devices. Their code is loaded when they are asked for. */
import { type Command, command, noLimit } from '../command.ts';
import { filterFlags } from '../audit/filter.ts';
import { bool, number, text } from '../flags.ts';
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
  command({
    name: 'audit tail',
    args: 'FILE',
    summary: 'Show the last records of an audit file, one a line',
    details:
      'Shows who did what, where from and with what outcome; never values. One line a request, unless -type says otherwise.',
    flags: {
      follow: bool('Go on with what is written from now on, also after the file is rotated', { alias: 'f' }),
      lines: number('How many lines of the file, before they are filtered', { alias: 'n', default: '10' }),
      ...filterFlags,
    },
    idle: idleInBulk,
    count: [1, 1],
    doing: () => 'reading the audit file',
    run: async cx => (await import('./audit-show.ts')).tailAudit(cx),
  }),
  command({
    name: 'audit search',
    args: 'FILE...',
    summary: 'Show the records of audit files that match, one a line',
    details: 'All that is asked for must hold. The exit code is 2 where no record matches. Values are never shown.',
    flags: filterFlags,
    idle: idleInBulk,
    count: [1, noLimit],
    doing: () => 'searching audit files',
    run: async cx => (await import('./audit-show.ts')).searchAudit(cx),
  }),
];
