/** What a Markdown file refers to, so that a test can hold it against the repository. */

export interface Reference {
  readonly line: number;
  readonly target: string;
}

const withoutCode = (text: string): string =>
  text
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, block => block.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/`[^`\n]*`/g, code => ' '.repeat(code.length));

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const matches = (text: string, pattern: RegExp): Reference[] =>
  [...text.matchAll(pattern)].map(match => ({ line: lineAt(text, match.index), target: match[1] ?? '' }));

/** Targets of links and pictures that are not addresses elsewhere. */
export const linksOf = (text: string): Reference[] => {
  const prose = withoutCode(text);
  return [
    ...matches(prose, /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g),
    ...matches(prose, /^\[[^\]]+\]:\s+(\S+)/gm),
  ].filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target));
};

/** GitHub's anchor for a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

export const anchorsOf = (text: string): Set<string> => {
  const fenceless = text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '');
  return new Set([...fenceless.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(match => anchorOf(match[1] ?? '')));
};

/** `npm run x`, wherever it stands. */
export const scriptsOf = (text: string): Reference[] => matches(text, /\bnpm run (?:--silent )?([a-z][\w:-]*)/g);

/** Files of this repository named in code marks, as `packages/schema/src/row.ts`. */
export const filesOf = (text: string): Reference[] =>
  matches(text, /`((?:packages|test|scripts|design|docs|changes|examples|\.ci)\/[\w./-]*\w\/?)`/g);
