/** From arguments to a command and its exit code. Every failure ends here, as one message on standard error. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Command, Group } from './command.ts';
import { commands, groups } from './commands/registry.ts';
import { Cx, exits } from './cx.ts';
import { Flags, type FlagSpec, parseFlags } from './flags.ts';
import { globalsWithout } from './globals.ts';
import { commandHelp, groupHelp, rootHelp } from './help.ts';
import { Shown } from './intercept.ts';
import { hintFor } from './hint.ts';
import type { Io } from './io.ts';
import { unknownBelowText, unknownCommandText } from './unknown.ts';

/** What shells use for a command they do not know. */
const unknownCommand = 127;
/** Words of the longest command. */
const wordsLimit = 4;

const tree = { commands, groups };
const byName: ReadonlyMap<string, Command> = new Map(commands.map(one => [one.name, one]));
const groupByName: ReadonlyMap<string, Group> = new Map(groups.map(one => [one.name, one]));

interface Found {
  readonly name: string;
  readonly rest: readonly string[];
}

/** The longest run of leading words that names a command or a group. */
const find = (argv: readonly string[]): Found | undefined => {
  for (let words = Math.min(wordsLimit, argv.length); words > 0; words -= 1) {
    const name = argv.slice(0, words).join(' ');
    if (byName.has(name) || groupByName.has(name)) return { name, rest: argv.slice(words) };
  }
  return undefined;
};

const isHelp = (word: string | undefined): boolean => /^(?:--?h|--?help|help)$/.test(word ?? '');

/** Words that stand in place of a command. */
const aliases: ReadonlyMap<string, readonly string[]> = new Map([
  ['-v', ['version']],
  ['-version', ['version']],
  ['--version', ['version']],
  ['-autocomplete-install', ['completion', 'install']],
  ['-autocomplete-uninstall', ['completion', 'uninstall']],
  ['--autocomplete-install', ['completion', 'install']],
  ['--autocomplete-uninstall', ['completion', 'uninstall']],
]);

export const flagsOf = (command: Command): ReadonlyMap<string, FlagSpec> =>
  new Map([...globalsWithout(command.idle), ...Object.entries(command.flags)]);

const misuse = (command: Command, message: string): CofferError =>
  new CofferError('usage', `${message}\n\nUsage: coffer ${command.name} [flags] ${command.args}`.trimEnd());

const checkCount = (command: Command, args: readonly string[]): void => {
  const [least, most] = command.count;
  if (args.length < least) throw misuse(command, `Not enough arguments (expected ${least}, got ${args.length})`);
  if (args.length > most) throw misuse(command, `Too many arguments (expected ${most}, got ${args.length})`);
};

const runParsed = async (command: Command, argv: readonly string[], io: Io): Promise<number> => {
  const parsed = parseFlags(flagsOf(command), argv, command);
  if (parsed.help) {
    io.out(commandHelp(command));
    return exits.ok;
  }
  if (parsed.late.length > 0) {
    io.err(`WARNING! Flags must stand before arguments; these are read as arguments: ${parsed.late.join(', ')}\n`);
  }
  const cx = new Cx(io, { ...parsed, tree, idle: command.idle });
  checkCount(command, parsed.args);
  await cx.prepare();
  try {
    return await command.run(cx);
  } catch (error) {
    if (!(error instanceof CofferError) || error.code === 'usage') throw error;
    const hint = await hintFor(error, command, cx);
    io.err(`Error ${command.doing(parsed.args)}: ${error.message}\n${hint === undefined ? '' : `\n${hint}\n`}`);
    return command.failure ?? error.facts.exit;
  } finally {
    cx.tellWarnings();
  }
};

const runCommand = async (command: Command, argv: readonly string[], io: Io): Promise<number> => {
  try {
    if (!command.passes) return await runParsed(command, argv, io);
    return await command.run(new Cx(io, { flags: new Flags(new Map()), args: argv, tree }));
  } catch (error) {
    if (error instanceof Shown) {
      io.out(`${error.text}\n`);
      return exits.ok;
    }
    if (!(error instanceof CofferError)) throw error;
    io.err(`${error.message}\n`);
    return error.facts.exit;
  }
};

const help = (name: string | undefined, io: Io): number => {
  io.out(name === undefined ? rootHelp() : groupHelp(name));
  return exits.ok;
};

/** `help kv get` is `kv get -help`. */
const helpFor = async (words: readonly string[], io: Io): Promise<number> =>
  words.length === 0 ? help(undefined, io) : dispatch([...words, '-help'], io);

export const dispatch = async (given: readonly string[], io: Io): Promise<number> => {
  const [first = '', ...rest] = given;
  if (isHelp(first))
    return helpFor(
      rest.filter(word => !isHelp(word)),
      io,
    );
  const argv = [...(aliases.get(first) ?? [first]), ...rest];
  const found = find(argv);
  if (found === undefined) {
    io.err(unknownCommandText(first, [...aliases.keys(), '-help']));
    return unknownCommand;
  }
  const command = byName.get(found.name);
  const isMeant = groupByName.get(found.name)?.starts?.(found.rest, io.env) ?? true;
  if (command !== undefined && isMeant) return runCommand(command, found.rest, io);
  if (isHelp(found.rest[0])) return help(found.name, io);
  io.err(unknownBelowText(found.name, found.rest[0]));
  return exits.local;
};
