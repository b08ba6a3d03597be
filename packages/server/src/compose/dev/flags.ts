/** The flags of `coffer dev`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type FlagRow, type Flags, flagsHelp, parseFlags } from '../flags.ts';

const rows = [
  { name: 'kubeconfig', value: 'PATH', summary: 'The cluster; it must be named' },
  { name: 'context', value: 'NAME', summary: 'Which context of the kubeconfig (default: its current one)' },
  {
    name: 'yes',
    value: undefined,
    summary: 'This cluster is meant, though it is far away or has the kinds of another installation',
  },
  { name: 'clean', value: undefined, summary: 'Take away what was made in the store and in the cluster' },
  { name: 'data', value: 'FOLDER', summary: 'Where the store keeps its files (default: coffer-data)' },
  { name: 'listen', value: 'HOST:PORT', summary: 'Address of the store (default: 127.0.0.1:8200)' },
  { name: 'log-level', value: 'LEVEL', summary: 'trace, debug, info, warn or error' },
  { name: 'log-format', value: 'FORMAT', summary: 'standard or json' },
  { name: 'help', value: undefined, summary: 'Show this' },
] as const satisfies readonly FlagRow[];

export type DevFlags = Flags<(typeof rows)[number]['name']>;

/** Throws `usage`; a cluster that is not named is not looked for. */
export const parseDevFlags = (argv: readonly string[]): DevFlags => {
  const flags = parseFlags('coffer dev', rows, argv);
  if (!flags.has('help') && (flags.get('kubeconfig') ?? '') === '')
    throw new CofferError(
      'usage',
      'coffer dev: name the cluster, such as\n\n    coffer dev -kubeconfig="$HOME/.kube/config" -context=NAME\n\nIt is not guessed: the current one may be a cluster that others depend on. For the store alone: coffer server -embedded',
    );
  return flags;
};

export const devHelp = (): string =>
  `Usage: coffer dev -kubeconfig=PATH [-context=NAME]\n\nRuns the store on its embedded default, sets it and the cluster up for each other, and runs the operator.\nIt says what it makes; doing it again changes nothing that is right.\n\n${flagsHelp(rows)}`;
