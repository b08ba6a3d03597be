/** What the derivations read: the rows of an engine and where they stand; and a row's path as others write it. */
import type { Field } from '../fields/field.ts';
import type { Row, Verb } from '../row.ts';

/** A row of any engine. */
export type AnyRow = Row<never>;
export type AnyField = Field<unknown, boolean>;

/** Rows at one place. */
export interface ServedRows {
  /** As in request paths, with a `/` at its end: `sys/`; or a parameter: `:kv_v2_mount_path/`. */
  readonly mountPath: string;
  readonly engineType: string;
  readonly rows: readonly AnyRow[];
}

export interface PathParameter {
  readonly name: string;
  /** Takes the rest of the path, slashes included. */
  readonly rest: boolean;
  readonly optional: boolean;
}

/** `:name`, `:name?`, `:name*`, `:name*?`; undefined for a literal. */
export const parameterOf = (segment: string): PathParameter | undefined => {
  const found = /^:([a-z0-9_]{1,64})(\*?)(\??)$/.exec(segment);
  return found === null ? undefined : { name: found[1] ?? '', rest: found[2] === '*', optional: found[3] === '?' };
};

export const parametersOf = (path: string): readonly PathParameter[] =>
  path.split('/').flatMap(segment => parameterOf(segment) ?? []);

/** `mounts/:path*` → `mounts/{path}`; a path with an optional parameter is two, the shorter first. */
export const templatesOf = (path: string): readonly string[] => {
  let templates: readonly string[] = [''];
  for (const segment of path.split('/')) {
    const parameter = parameterOf(segment);
    const longer = templates.map(before => `${before}/${parameter === undefined ? segment : `{${parameter.name}}`}`);
    templates = parameter?.optional === true ? [...templates, ...longer] : longer;
  }
  return templates.map(template => template.slice(1));
};

/** A row's path from the root; the mount itself has no `/` at its end. */
export const fullPath = (mountPath: string, path: string): string =>
  path === '' ? mountPath.replace(/\/$/, '') : `${mountPath}${path}`;

/** The method that asks for a verb; LIST and SCAN also come as GET with a query. */
export const methodOf: { readonly [V in Verb]: string } = Object.freeze({
  read: 'GET',
  write: 'POST',
  patch: 'PATCH',
  delete: 'DELETE',
  list: 'LIST',
  scan: 'SCAN',
});

/** Fields of the input that are parts of the path, and the others. */
export const splitFields = (
  row: AnyRow,
): { readonly inPath: readonly [string, AnyField][]; readonly others: readonly [string, AnyField][] } => {
  const names = new Set(parametersOf(row.path).map(({ name }) => name));
  const all = Object.entries(row.in) as [string, AnyField][];
  return { inPath: all.filter(([name]) => names.has(name)), others: all.filter(([name]) => !names.has(name)) };
};
