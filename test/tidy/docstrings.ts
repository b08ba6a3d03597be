/** The exported functions, classes and methods of a file that say nothing about themselves. */
import { lineAt, type Source } from './source/tree.ts';

export interface Silent {
  readonly line: number;
  readonly name: string;
}

const exported = /^export (?:async )?(?:class|function\*?|const) ([\w$]+)/gm;
/** A public method of a class at the top of a file: two spaces in, no `#`, and no `get` or `set` before its name. */
const method = /^ {2}(?:static )?(?:async )?([a-z][\w$]*)(?:<[^\n]*>)?\(/gm;
/** What every class may have, and everybody knows. */
const known: ReadonlySet<string> = new Set(['constructor', 'toString', 'toJSON']);

const hasComment = (text: string, offset: number): boolean => /\*\/\s*$/.test(text.slice(0, offset));

/** The file's own comment does for what is alone in it at the top, never for a declaration after imports. */
export const silentIn = ({ text, code }: Source): readonly Silent[] => {
  const classes = [...code.matchAll(/^export class [^{]*\{[\s\S]*?^\}/gm)].map(match => [
    match.index,
    match.index + match[0].length,
  ]);
  const inClass = (at: number): boolean => classes.some(([from = 0, to = 0]) => at > from && at < to);
  return [...code.matchAll(exported), ...[...code.matchAll(method)].filter(match => inClass(match.index))]
    .map(match => ({ at: match.index, name: match[1] ?? '' }))
    .filter(({ at, name }) => !known.has(name) && !hasComment(text, at))
    .map(({ at, name }) => ({ line: lineAt(text, at + 1), name }));
};
