/** `completion`: the script of a shell, the words that can stand next, and installing. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type Command, command, noLimit } from '../command.ts';
import { setCompletion, startFileNames } from '../completion/install.ts';
import { isShell, scriptOf, shells } from '../completion/scripts.ts';
import { candidates } from '../completion/words.ts';
import { type Cx, exits } from '../cx.ts';

const script =
  (name: string): ((cx: Cx) => Promise<number>) =>
  async cx => {
    if (!isShell(name)) throw new CofferError('usage', `completion: expected one of ${shells.join(', ')}`);
    cx.io.out(scriptOf(name));
    return exits.ok;
  };

/** The word being typed comes first, then the complete words before it. */
const words = async (cx: Cx): Promise<number> => {
  const [start = '', ...before] = cx.args;
  for (const word of candidates(cx.tree, before, start)) cx.io.out(`${word}\n`);
  return exits.ok;
};

const change = async (cx: Cx, wanted: boolean): Promise<number> => {
  const { found, changed } = await setCompletion(cx.io, wanted);
  if (found.length === 0 && wanted) {
    throw new CofferError(
      'usage',
      `There is no start file of a shell: make one of ${startFileNames.join(', ')}, then try again`,
    );
  }
  if (changed.length === 0)
    return cx.success('Nothing to change: completion is as it should be in every start file there is');
  return cx.success(`${wanted ? 'Completion is now loaded by' : 'Completion was taken out of'} ${changed.join(', ')}`);
};

export const completionCommands: readonly Command[] = [
  ...shells.map(shell =>
    command({ name: `completion ${shell}`, summary: `Print the completion script for ${shell}`, run: script(shell) }),
  ),
  command({
    name: 'completion install',
    summary: 'Load completion in the start files of your shells',
    run: cx => change(cx, true),
  }),
  command({
    name: 'completion uninstall',
    summary: 'Take completion out of the start files of your shells',
    run: cx => change(cx, false),
  }),
  command({
    name: 'completion words',
    args: 'START [WORD...]',
    summary: 'Print what can stand next: the scripts ask it',
    passes: true,
    count: [0, noLimit],
    run: words,
  }),
];
