/** Flags of one command of the server's process. One table: parsing and help are read from it. */
import { CofferError } from '@coffer/schema/errors.ts';
import { didYouMean, near } from '@coffer/schema/near.ts';

export interface FlagRow<Name extends string = string> {
  readonly name: Name;
  /** How its value is shown; undefined: it is there or not. */
  readonly value: string | undefined;
  readonly summary: string;
}

export interface Flags<Name extends string> {
  has(name: Name): boolean;
  get(name: Name): string | undefined;
  all(name: Name): readonly string[];
}

const falsehoods: ReadonlySet<string> = new Set(['false', '0', 'f', 'F', 'FALSE', 'False']);

const split = (word: string): readonly [string, string | undefined] => {
  const name = word.replace(/^--?/, '');
  if (name === word) return [word, undefined];
  const equals = name.indexOf('=');
  return equals < 0 ? [name, undefined] : [name.slice(0, equals), name.slice(equals + 1)];
};

/** Only what looks like a flag is taken for a mistyped one. */
const meant = (word: string, rows: readonly FlagRow[]): string => {
  const [name] = split(word);
  const names = near(
    name,
    rows.map(row => row.name),
  );
  return word.startsWith('-') ? didYouMean(names.map(one => `-${one}`)) : '';
};

/** `-name`, `--name`, `-name=value`, `-name value`. A switch that is told to be false is not there. Throws `usage`. */
export const parseFlags = <Name extends string>(
  command: string,
  rows: readonly FlagRow<Name>[],
  argv: readonly string[],
): Flags<Name> => {
  const found = new Map<Name, string[]>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [name, given] = split(word);
    const row = rows.find(({ name: known }) => known === name);
    if (row === undefined)
      throw new CofferError(
        'usage',
        `${command}: unknown argument "${name}".${meant(word, rows)} See ${command} -help`,
      );
    const value = row.value === undefined ? (given ?? 'true') : (given ?? rest.shift());
    if (value === undefined) throw new CofferError('usage', `${command}: -${row.name} needs a value: ${row.value}`);
    if (row.value === undefined && falsehoods.has(value)) found.delete(row.name);
    else found.set(row.name, [...(found.get(row.name) ?? []), value]);
  }
  const all = (name: Name): readonly string[] => found.get(name) ?? [];
  return { has: name => found.has(name), get: name => all(name).at(-1), all };
};

const label = (row: FlagRow): string => (row.value === undefined ? `-${row.name}` : `-${row.name}=${row.value}`);

/** One line a flag. */
export const flagsHelp = (rows: readonly FlagRow[]): string => {
  const width = Math.max(...rows.map(row => label(row).length));
  return rows.map(row => `  ${label(row).padEnd(width)}  ${row.summary}\n`).join('');
};
