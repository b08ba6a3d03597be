/** The arguments of `coffer operator migrate`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type FlagRow, flagsHelp, parseFlags } from '../flags.ts';

const rows = [
  {
    name: 'config',
    value: 'PATH',
    summary: 'File with storage_source and storage_destination, or a folder; repeatable',
  },
  { name: 'reset', value: undefined, summary: 'Known from other servers; nothing is left behind that would need it' },
  { name: 'max-parallel', value: 'NUMBER', summary: 'Known from other servers; all is copied in one piece' },
  { name: 'start', value: 'KEY', summary: 'Known from other servers; refused, since a part of a store is none' },
  { name: 'help', value: undefined, summary: 'Show this' },
] as const satisfies readonly FlagRow[];

const command = 'coffer operator migrate';

/** Paths of `-config`; undefined where help is asked for. */
export const parseMigrateFlags = (argv: readonly string[]): readonly string[] | undefined => {
  const flags = parseFlags(command, rows, argv);
  if (flags.has('help')) return undefined;
  if (flags.has('start'))
    throw new CofferError('usage', `${command}: -start: a migration takes all of a store or nothing; run it once more`);
  const paths = flags.all('config');
  if (paths.length === 0)
    throw new CofferError('usage', `${command}: -config=PATH must be given; see ${command} -help`);
  return paths;
};

export const migrateHelp = (): string =>
  `Usage: ${command} -config=PATH

  Copies a store, as it lies there in ciphertext, from one storage to another, all or nothing. Stop its servers first. The
  destination must be empty; the source is left as it is.

${flagsHelp(rows)}`;
