/**
 * A command that does not exist: what may have been meant, else what there is. The word that was typed is shown only where
 * it is near to a name, because anything else may be a secret in the wrong place.
 */
import { whyElsewhere } from './elsewhere.ts';
import { harmless } from './format/table.ts';
import { globalFlags } from './globals.ts';
import { below, groupHelp, rootHelp } from './help.ts';
import { didYouMean, near } from '@coffer/schema/near.ts';

const flagName = (word: string): string => word.replace(/^--?/, '').split('=')[0] ?? '';

const suggestion = (group: string, typed: string, names: readonly string[]): string | undefined => {
  const start = group === '' ? '' : `${group} `;
  const list = `"coffer ${start}-h" lists the commands.`;
  const why = whyElsewhere(start + typed);
  if (why !== undefined) return `There is no command "${start}${typed}": ${why}.\n\n${list}\n`;
  const meant = didYouMean(near(typed, names).map(name => start + name));
  return meant === '' ? undefined : `There is no command "${start}${harmless(typed)}".${meant}\n\n${list}\n`;
};

/** A flag where the command should stand. */
const rootFlag = (typed: string, flags: readonly string[]): string | undefined => {
  if (globalFlags.has(flagName(typed))) return 'Flags stand behind the command: coffer COMMAND [flags] [arguments]\n';
  return suggestion('', typed.replace(/^--/, '-'), flags);
};

const nothingNear = (help: string, typed: string | undefined): string =>
  typed === undefined || typed === '' ? help : `${help}\nThere is no such command.\n`;

/** `rootFlags`: what may stand in place of a command, as `-version`. */
export const unknownCommandText = (typed: string, rootFlags: readonly string[]): string => {
  const words = below('').map(([word]) => word);
  const told = typed.startsWith('-') ? rootFlag(typed, rootFlags) : suggestion('', typed, words);
  return told ?? nothingNear(rootHelp(), typed);
};

export const unknownBelowText = (group: string, typed: string | undefined): string => {
  if (typed?.startsWith('-') === true) return `${groupHelp(group)}\nFlags stand behind one of these commands.\n`;
  const words = below(group).map(([word]) => word);
  return suggestion(group, typed ?? '', words) ?? nothingNear(groupHelp(group), typed);
};
