/** Help, derived from the rows of commands and flags. */
import type { Command } from './command.ts';
import { commands, groups } from './commands/registry.ts';
import type { FlagSpec } from './flags.ts';
import { globalsWithout } from './globals.ts';

const indent = '  ';

const rows = (pairs: readonly (readonly [string, string])[]): string => {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, summary]) => `${indent}${name.padEnd(width)}  ${summary}\n`).join('');
};

const placeholder = (spec: FlagSpec): string => {
  if (spec.kind === 'bool') return '';
  if (spec.values !== undefined) return `=${spec.values.join('|')}`;
  return spec.kind === 'number' ? '=N' : spec.kind === 'pairs' ? '=KEY=VALUE' : '=TEXT';
};

const flagNote = (spec: FlagSpec): string => {
  const notes = [
    spec.alias === undefined ? '' : `also -${spec.alias}`,
    spec.default === undefined ? '' : `default ${spec.default}`,
    spec.env === undefined ? '' : `COFFER_${spec.env}`,
  ].filter(note => note !== '');
  return notes.length === 0 ? spec.summary : `${spec.summary} (${notes.join('; ')})`;
};

export const flagRows = (flags: Iterable<readonly [string, FlagSpec]>): [string, string][] =>
  [...flags].map(([name, spec]) => [`-${name}${placeholder(spec)}`, flagNote(spec)]);

/** Names one word longer than `group`, or the first words of all. */
export const below = (group: string): [string, string][] => {
  const start = group === '' ? '' : `${group} `;
  const found = new Map<string, string>();
  for (const { name, summary } of [...groups, ...commands]) {
    if (!name.startsWith(start)) continue;
    const word = name.slice(start.length).split(' ')[0] ?? '';
    if (word !== '' && `${start}${word}` === name) found.set(word, summary);
  }
  return [...found].toSorted((left, right) => (left[0] < right[0] ? -1 : 1));
};

export const rootHelp = (): string =>
  `Usage: coffer COMMAND [flags] [arguments]\n\nCommands:\n${rows(below(''))}\n` +
  `"coffer COMMAND -h" explains a command. Reference: docs/cli.md\n`;

export const groupHelp = (name: string): string => {
  const { summary = '', note } = groups.find(one => one.name === name) ?? {};
  const more = note === undefined ? '' : `\n${note}\n`;
  return `Usage: coffer ${name} COMMAND [flags] [arguments]\n\n${summary}\n\nCommands:\n${rows(below(name))}${more}`;
};

export const commandHelp = (command: Command): string => {
  const details = command.details === '' ? '' : `\n${command.details}\n`;
  const own = Object.entries(command.flags);
  const flags = own.length === 0 ? '' : `\nFlags:\n${rows(flagRows(own))}`;
  const usage = `Usage: coffer ${command.name} [flags] ${command.args}`.trimEnd();
  if (command.passes) return `${usage}\n\n${command.summary}\n${details}`;
  return `${usage}\n\n${command.summary}\n${details}${flags}\nFlags of every command:\n${rows(flagRows(globalsWithout(command.idle)))}`;
};
