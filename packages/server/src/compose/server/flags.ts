/** The flags of `coffer server`. One table: parsing and help are read from it. */
import { CofferError } from '@coffer/schema/errors.ts';

interface FlagRow {
  readonly name: string;
  readonly value: string | undefined;
  readonly summary: string;
}

const rows = [
  { name: 'config', value: 'PATH', summary: 'Configuration file or folder (HCL or JSON); may be repeated' },
  {
    name: 'embedded',
    value: undefined,
    summary: 'Run on the embedded default: SQLite, opened by a key file, in -data',
  },
  { name: 'data', value: 'FOLDER', summary: 'Where the embedded default keeps its files (default: coffer-data)' },
  { name: 'listen', value: 'HOST:PORT', summary: 'Address of the embedded default (default: 127.0.0.1:8200)' },
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

export interface ServerFlags {
  has(name: ServerFlag): boolean;
  get(name: ServerFlag): string | undefined;
  all(name: ServerFlag): readonly string[];
}

const falsehoods: ReadonlySet<string> = new Set(['false', '0', 'f', 'F', 'FALSE', 'False']);

/** `-name`, `--name`, `-name=value`, `-name value`. Throws `usage`. */
export const parseServerFlags = (argv: readonly string[]): ServerFlags => {
  const found = new Map<string, string[]>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [name, given] = split(word);
    const row = rows.find(({ name: known }) => known === name);
    if (row === undefined)
      throw new CofferError('usage', `coffer server: unknown argument "${name}"; see coffer server -help`);
    const value = row.value === undefined ? (given ?? 'true') : (given ?? rest.shift());
    if (value === undefined) throw new CofferError('usage', `coffer server: -${row.name} needs a value: ${row.value}`);
    if (row.value === undefined && falsehoods.has(value)) found.delete(row.name);
    else found.set(row.name, [...(found.get(row.name) ?? []), value]);
  }
  const all = (name: ServerFlag): readonly string[] => found.get(name) ?? [];
  return { has: name => found.has(name), get: name => all(name).at(-1), all };
};

const split = (word: string): readonly [string, string | undefined] => {
  const name = word.replace(/^--?/, '');
  if (name === word) return [word, undefined];
  const equals = name.indexOf('=');
  return equals < 0 ? [name, undefined] : [name.slice(0, equals), name.slice(equals + 1)];
};

export const serverHelp = (): string => {
  const width = Math.max(...rows.map(row => label(row).length));
  const lines = rows.map(row => `  ${label(row).padEnd(width)}  ${row.summary}`);
  return `Usage: coffer server [-config=PATH …] [-embedded] [-dev]\n\nRuns the store.\n\n${lines.join('\n')}\n`;
};

const label = (row: FlagRow): string => (row.value === undefined ? `-${row.name}` : `-${row.name}=${row.value}`);
