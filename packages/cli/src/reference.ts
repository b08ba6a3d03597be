/** `docs/cli.md`, written from the rows of commands: the same rows give the same text. */
import type { Command } from './command.ts';
import { commands, groups } from './commands/registry.ts';
import type { FlagSpec } from './flags.ts';
import { globalFlags } from './globals.ts';
import { flagRows } from './help.ts';

const escaped = (text: string): string => text.replaceAll('|', '\\|');

const flagTable = (flags: Iterable<readonly [string, FlagSpec]>): string =>
  `| Flag | |\n|---|---|\n${flagRows(flags)
    .map(([name, summary]) => `| \`${escaped(name)}\` | ${escaped(summary)} |\n`)
    .join('')}`;

const commandText = (command: Command): string => {
  const usage = `coffer ${command.name} ${command.args}`.trimEnd();
  const details = command.details === '' ? '' : `\n\n${command.details}`;
  const own = Object.entries(command.flags);
  const flags = own.length === 0 ? '' : `\n\n${flagTable(own).trimEnd()}`;
  const refused = command.idle.map(name => `\`-${name}\``).join(', ');
  const idle = refused === '' ? '' : `\n\nWithout effect here, and refused: ${refused}.`;
  return `### ${command.name}\n\n    ${usage}\n\n${command.summary}.${details}${flags}${idle}\n`;
};

const firstWord = (name: string): string => name.split(' ')[0] ?? '';

const sections = (): [title: string, own: readonly Command[]][] => {
  const alone = commands.filter(one => !one.name.includes(' '));
  const grouped = groups.filter(one => !one.name.includes(' '));
  return [
    ['Any path', alone],
    ...grouped.map(({ name, summary }): [string, readonly Command[]] => [
      `${name}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`,
      commands.filter(one => one.name !== name && firstWord(one.name) === name),
    ]),
  ];
};

const head = `# The coffer command

Written from the table of commands by \`npm run gen\`: change the table, never this file.

Flags have one dash or two, take their value after \`=\` or a space, and stand before the arguments. A variable is read
as \`COFFER_X\`, else \`BAO_X\`, else \`VAULT_X\`; the first that is set counts, even when it is empty. Beside the variables
of the flags there are:

| Variable | |
|---|---|
| \`COFFER_TOKEN\` | Token, before the token file |
| \`COFFER_TOKEN_PATH\` | Token file (default \`~/.vault-token\`); \`login\` writes it, its owner's alone |
| \`COFFER_CACERT_BYTES\` | PEM of the authority that signed the server certificate, in place of a file |
| \`COFFER_MAX_RETRIES\` | Retries of a request (default 0) |
| \`COFFER_CLIENT_TIMEOUT\` | Longest time of a request (default 60s) |

Data is given as \`K=V\`; \`K=@FILE\` and \`K=-\` take the value from a file or standard input, \`@FILE\` and \`-\` a whole JSON
object. \`\\@x\` is a value that begins with \`@\`. A repeated key makes a list. Secrets given as arguments can be seen by
others on the machine: prefer files, standard input, or the hidden question of \`login\` and \`operator unseal\`.

Results go to standard output, everything else to standard error. Exit codes: 0 done; 1 a mistake here: a flag, a file, a
format, a field that is not there; 2 the server refused, or nothing was found; 127 no such command.

Flags of every command:

`;

export const cliReference = (): string =>
  [
    head + flagTable(globalFlags).trimEnd(),
    ...sections().map(([title, own]) => `## ${title}\n\n${own.map(commandText).join('\n')}`.trimEnd()),
  ].join('\n\n') + '\n';
