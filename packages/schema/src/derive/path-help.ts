/** Help for a path as text, made of the rows that answer there: what `path-help` shows and `?help=1` answers. */
import type { Out } from '../out.ts';
import { type ApiInfo, openApiOfRows } from './openapi.ts';
import { type AnyField, type AnyRow, fullPath, methodOf, type ServedRows, splitFields } from './served.ts';

const wordsOf = (row: AnyRow): string => {
  const access = row.access === 'open' ? ' (no token needed)' : row.access === 'sudo' ? ' (needs sudo)' : '';
  return `    ${methodOf[row.verb].padEnd(6)} ${row.summary}${access}`;
};

const noteOf = ({ required, default: value, kind, deprecated }: AnyField): string => {
  const notes: string[] = [];
  if (required) notes.push('required');
  if (deprecated) notes.push('deprecated');
  if (!kind.secret && ['string', 'number', 'boolean'].includes(typeof value) && value !== '')
    notes.push(`default ${String(value)}`);
  return notes.length === 0 ? '' : `, ${notes.join(', ')}`;
};

const fieldText = ([name, field]: readonly [string, AnyField]): string =>
  `    ${name} (${field.kind.name}${noteOf(field)})\n\n        ${field.summary}`;

const section = (title: string, parts: readonly string[], between: string): string =>
  parts.length === 0 ? '' : `\n## ${title}\n\n${parts.join(between)}\n`;

/** Fields of all the rows, each once, parts of the path first. */
const fieldsOf = (rows: readonly AnyRow[]): readonly (readonly [string, AnyField])[] => {
  const found = new Map<string, AnyField>();
  for (const row of rows) for (const [name, field] of splitFields(row).inPath) found.set(name, field);
  for (const row of rows)
    for (const [name, field] of splitFields(row).others) if (!found.has(name)) found.set(name, field);
  return [...found];
};

/** `data/:path*` for people: `data/{path…}`; what may be left out stands in brackets. */
const shownPath = (path: string): string =>
  path
    .replaceAll(/:([\w-]+)\*\?/g, '[{$1…}]')
    .replaceAll(/:([\w-]+)\*/g, '{$1…}')
    .replaceAll(/:([\w-]+)/g, '{$1}');

const helpAt = (requestPath: string, { mountPath, rows }: ServedRows): string => {
  const paths = [...new Set(rows.map(({ path }) => shownPath(fullPath(mountPath, path))))];
  const descriptions = rows.flatMap(({ description }) => description ?? []);
  return [
    `Request:        ${requestPath}\nMatching Route: ${paths.join(', ')}\n`,
    section('OPERATIONS', rows.map(wordsOf), '\n'),
    section('PARAMETERS', fieldsOf(rows).map(fieldText), '\n\n'),
    section('DESCRIPTION', descriptions, '\n\n'),
  ].join('');
};

const helpOfMount = (summary: string, { rows }: ServedRows): string => {
  const byPath = new Map<string, AnyRow[]>();
  for (const row of rows) byPath.set(row.path, [...(byPath.get(row.path) ?? []), row]);
  const paths = [...byPath].map(
    ([path, together]) =>
      `  ${path === '' ? '(the mount itself)' : shownPath(path)}\n${together.map(wordsOf).join('\n')}`,
  );
  return `${section('DESCRIPTION', [`${summary}.`], '')}${section('PATHS', paths, '\n\n')}`.slice(1);
};

export interface Help {
  readonly help: string;
  readonly see_also: string;
  readonly openapi: Out;
}

/** `requestPath` must be the canonical path; `served.rows` are those that its path matches, for every verb. */
export const pathHelp = (info: ApiInfo, requestPath: string, served: ServedRows): Help => ({
  help: helpAt(requestPath, served),
  see_also: '',
  openapi: openApiOfRows(info, served),
});

/** Help for a mount as a whole: every path of its engine. */
export const mountHelp = (info: ApiInfo, summary: string, served: ServedRows): Help => ({
  help: helpOfMount(summary, served),
  see_also: '',
  openapi: openApiOfRows(info, served),
});
