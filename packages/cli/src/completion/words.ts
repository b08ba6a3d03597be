/** What can stand next on a command line: sub-commands, then flags and their values. Derived from the rows. */
import type { FlagSpec, FlagSpecs } from '../flags.ts';
import { globalsWithout } from '../globals.ts';
import { offers } from './offers.ts';

/** What completion needs to know of a command. */
export interface Completed {
  readonly name: string;
  readonly flags: FlagSpecs;
  readonly idle: readonly string[];
  readonly passes: boolean;
}

export interface Tree {
  readonly commands: readonly Completed[];
  readonly groups: readonly { readonly name: string }[];
}

const begins = (word: string, start: string): boolean => word.startsWith(start);

const subCommands = (tree: Tree, before: readonly string[]): string[] => {
  const start = before.length === 0 ? '' : `${before.join(' ')} `;
  const words = new Set<string>();
  for (const { name } of [...tree.commands, ...tree.groups]) {
    const [next] = name.startsWith(start) ? name.slice(start.length).split(' ') : [];
    if (next !== undefined && next !== '') words.add(next);
  }
  return [...words].toSorted();
};

const commandOf = (tree: Tree, words: readonly string[]): Completed | undefined =>
  tree.commands
    .filter(({ name }) => `${words.join(' ')} `.startsWith(`${name} `))
    .toSorted((left, right) => right.name.length - left.name.length)[0];

type Specs = ReadonlyMap<string, FlagSpec>;

const specsOf = (command: Completed): Specs =>
  new Map([...globalsWithout(command.idle), ...Object.entries(command.flags)]);

/** What may stand next behind the words after the command's name. */
type Next = 'flag' | 'late flag' | 'argument' | FlagSpec;

const flagIn = (word: string, specs: Specs): FlagSpec | undefined => {
  const name = word.replace(/^--?/, '');
  return specs.get(name) ?? [...specs.values()].find(({ alias }) => alias === name);
};

/** Read as the flags are read: see `flags.ts`. */
const nextOf = (words: readonly string[], specs: Specs): Next => {
  let next: Next = 'flag';
  for (const word of words) {
    if (typeof next === 'object') next = 'flag';
    else if (word === '--') return 'argument';
    else if (!word.startsWith('-') || word === '-') next = 'late flag';
    else if (next === 'flag') {
      const spec = flagIn(word, specs);
      if (spec !== undefined && spec.kind !== 'bool') next = spec;
    }
  }
  return next;
};

const flagWords = (specs: Specs, isWanted: (spec: FlagSpec) => boolean): string[] => {
  const words: string[] = [];
  for (const [name, spec] of specs) {
    if (!isWanted(spec)) continue;
    if (spec.values === undefined) words.push(spec.kind === 'bool' ? `-${name}` : `-${name}=`);
    else words.push(...spec.values.map(value => `-${name}=${value}`));
  }
  return words.toSorted();
};

/** What is handed on may bear the name of a group: then its commands too. Flags only where one is begun, as elsewhere. */
const handedOn = (command: Completed, words: readonly string[], start: string): readonly string[] => {
  const isFirst = words.length === command.name.split(' ').length;
  return (offers.get(command.name) ?? []).filter(word => (word.startsWith('-') ? start.startsWith('-') : isFirst));
};

/** `words` stand complete before the one being typed, of which `start` is there. */
export const candidates = (tree: Tree, words: readonly string[], start: string): string[] => {
  if (words[0] === 'help') return subCommands(tree, words.slice(1)).filter(word => begins(word, start));
  const command = commandOf(tree, words);
  const named = command === undefined || command.passes ? subCommands(tree, words) : [];
  if (command === undefined) return named.filter(word => begins(word, start));
  if (command.passes) return [...named, ...handedOn(command, words, start)].filter(word => begins(word, start));
  const specs = specsOf(command);
  const next = nextOf(words.slice(command.name.split(' ').length), specs);
  if (typeof next === 'object') return (next.values ?? []).filter(word => begins(word, start));
  if (!start.startsWith('-') || next === 'argument') return [];
  const dash = start.startsWith('--') ? '-' : '';
  return flagWords(specs, spec => next === 'flag' || spec.anywhere === true)
    .map(word => dash + word)
    .filter(word => begins(word, start));
};
