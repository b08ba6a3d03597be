/**
 * The source of `api.gen.ts`: the type of every operation for the typed client, and the rows as data. Written by
 * `npm run gen`; the same rows give the same bytes.
 */
import type { ApiField, ApiRow } from './api-row.ts';
import { type AnyField, type AnyRow, fullPath, parametersOf, type ServedRows, splitFields } from './served.ts';

const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
const plainName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const keyOf = (name: string): string => (plainName.test(name) ? name : quoted(name));

const member = (name: string, type: string, always: boolean): string =>
  `readonly ${keyOf(name)}${always ? '' : '?'}: ${type}`;

const inputType = (mountPath: string, row: AnyRow): string => {
  const optional = new Map(
    parametersOf(`${mountPath}${row.path}`).map(parameter => [parameter.name, parameter.optional]),
  );
  const parameters = [...optional].map(([name, may]) => member(name, 'string', !may));
  const { others } = splitFields(row);
  const members = others
    .filter(([name]) => name !== row.wholeBody)
    .map(([name, field]) => member(name, field.kind.ts.in, field.required));
  const whole = row.wholeBody === undefined ? [] : ['readonly [name: string]: unknown'];
  return objectType([...parameters, ...members, ...whole]);
};

const outputType = (row: AnyRow): string =>
  objectType(
    (Object.entries(row.out) as [string, AnyField][]).map(([name, field]) => member(name, field.kind.ts.out, false)),
  );

const objectType = (members: readonly string[]): string =>
  members.length === 0 ? 'Record<never, never>' : `{ ${members.join('; ')} }`;

const typesOf = (served: readonly ServedRows[]): readonly string[] => {
  const byPath = new Map<string, string[]>();
  for (const { mountPath, rows } of served) {
    for (const row of rows) {
      const path = fullPath(mountPath, row.path);
      const line = `    readonly ${row.verb}: { readonly in: ${inputType(mountPath, row)}; readonly out: ${outputType(row)} };`;
      byPath.set(path, [...(byPath.get(path) ?? []), line]);
    }
  }
  return [...byPath].flatMap(([path, lines]) => [`  readonly ${quoted(path)}: {`, ...lines, '  };']);
};

const defaultOf = ({ default: value, kind }: AnyField): ApiField['default'] => {
  if (kind.secret || value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return Array.isArray(value) && value.every(part => typeof part === 'string') ? value : undefined;
};

/** `undefined` members are left out by JSON. */
const fieldData = ([name, field]: readonly [string, AnyField], inPath: boolean): unknown => ({
  name,
  kind: field.kind.name,
  summary: field.summary,
  inPath: inPath || undefined,
  required: field.required || undefined,
  secret: field.kind.secret || undefined,
  deprecated: field.deprecated || undefined,
  default: defaultOf(field),
  choices: field.kind.json['enum'],
  aliases: field.aliases.length === 0 ? undefined : field.aliases,
});

/** One row as data, without what is not there. */
export const apiRow = (mount: ServedRows, row: AnyRow): ApiRow => {
  const { inPath, others } = splitFields(row);
  const data: unknown = {
    verb: row.verb,
    path: fullPath(mount.mountPath, row.path),
    engine: mount.engineType,
    summary: row.summary,
    description: row.description,
    access: row.access,
    body: row.body,
    answer: row.answer,
    wholeBody: row.wholeBody,
    aliases: row.aliases.length === 0 ? undefined : row.aliases.map(path => fullPath(mount.mountPath, path)),
    in: [...inPath.map(field => fieldData(field, true)), ...others.map(field => fieldData(field, false))],
    out: (Object.entries(row.out) as [string, AnyField][]).map(field => fieldData(field, false)),
  };
  return JSON.parse(JSON.stringify(data)) as ApiRow;
};

const head = `/** Every operation, as types and as data. Generated from the rows by \`npm run gen\`: change the rows, never this file. */
`;

export const apiSource = (served: readonly ServedRows[]): string => {
  const types = typesOf(served).join('\n');
  const rows = served.flatMap(mount => mount.rows.map(row => `  ${JSON.stringify(apiRow(mount, row))},`)).join('\n');
  const secret = /\bSecret\b/.test(types) ? "import type { Secret } from './secret.ts';\n" : '';
  return `${head}import type { ApiRow } from './derive/api-row.ts';\n${secret}
export interface Api {
${types}
}

export const apiRows: readonly ApiRow[] = [
${rows}
];
`;
};
