/** What can stand next on a command line: sub-commands, then flags and their values. Derived from the rows. */
import type { FlagSpecs } from '../flags.ts';
import { globalsWithout } from '../globals.ts';

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

const flagWords = (command: Completed): string[] => {
  const words: string[] = [];
  for (const [name, spec] of [...Object.entries(command.flags), ...globalsWithout(command.idle)]) {
    if (spec.values === undefined) words.push(spec.kind === 'bool' ? `-${name}` : `-${name}=`);
    else words.push(...spec.values.map(value => `-${name}=${value}`));
  }
  return words.toSorted();
};

/** `words` stand complete before the one being typed, of which `start` is there. */
export const candidates = (tree: Tree, words: readonly string[], start: string): string[] => {
  const command = commandOf(tree, words);
  if (command === undefined) return subCommands(tree, words).filter(word => begins(word, start));
  if (!start.startsWith('-') || command.passes) return [];
  const plain = start.startsWith('--') ? start.slice(1) : start;
  return flagWords(command).filter(word => begins(word, plain));
};
