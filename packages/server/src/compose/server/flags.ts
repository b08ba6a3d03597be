/** The flags of `coffer server`. */
import { type FlagRow, type Flags, flagsHelp, parseFlags } from '../flags.ts';

const rows = [
  { name: 'config', value: 'PATH', summary: 'Configuration file or folder (HCL or JSON); may be repeated' },
  {
    name: 'embedded',
    value: undefined,
    summary: 'Run on the embedded default: SQLite, opened by a key file, in -data',
  },
  { name: 'data', value: 'FOLDER', summary: 'Where the embedded default keeps its files (default: coffer-data)' },
  { name: 'listen', value: 'HOST:PORT', summary: 'Address of the embedded default (default: 127.0.0.1:8200)' },
  {
    name: 'request-threads',
    value: 'NUMBER',
    summary: 'Threads of the embedded default that take requests in, 1 (default) to 64: about as many as cores',
  },
  {
    name: 'kubeconfig',
    value: 'PATH',
    summary: 'With -embedded: set this cluster up too, and run the operator, as coffer dev does',
  },
  { name: 'context', value: 'NAME', summary: 'Which context of -kubeconfig (default: its current one)' },
  { name: 'yes', value: undefined, summary: 'The cluster of -kubeconfig is meant: see coffer dev -help' },
  { name: 'dev', value: undefined, summary: 'Development: in memory, unsealed, nothing is kept' },
  { name: 'dev-root-token-id', value: 'TEXT', summary: 'The root token in development' },
  { name: 'dev-listen-address', value: 'HOST:PORT', summary: 'Address in development (default: 127.0.0.1:8200)' },
  { name: 'dev-no-store-token', value: undefined, summary: 'Do not write the root token to the token file' },
  { name: 'dev-kv-v1', value: undefined, summary: 'Mount version 1 of kv at secret/' },
  { name: 'log-level', value: 'LEVEL', summary: 'trace, debug, info, warn or error' },
  { name: 'log-format', value: 'FORMAT', summary: 'standard or json' },
  { name: 'exit-on-core-shutdown', value: undefined, summary: 'Accepted: the server always ends when its core does' },
  { name: 'help', value: undefined, summary: 'Show this' },
] as const satisfies readonly FlagRow[];

export type ServerFlag = (typeof rows)[number]['name'];
export type ServerFlags = Flags<ServerFlag>;

/** Throws `usage`. */
export const parseServerFlags = (argv: readonly string[]): ServerFlags => parseFlags('coffer server', rows, argv);

export const serverHelp = (): string =>
  `Usage: coffer server [-config=PATH …] [-embedded] [-dev]\n\nRuns the store.\n\n${flagsHelp(rows)}`;
