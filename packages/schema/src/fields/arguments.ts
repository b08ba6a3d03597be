/**
 * The arguments of a row: path, then body members or query and form values, then defaults. What the row does not know is
 * left out with a warning, what it needs and does not get is the caller's mistake. Names and kinds are said, never values.
 */
import { CofferError } from '../errors.ts';
import type { RawJson } from '../json/raw.ts';
import type { Row } from '../row.ts';
import type { Field } from './field.ts';
import { refusedField } from './kind.ts';

const shownNamesLimit = 20;
const shownNameCharacters = 64;

export interface Given {
  readonly params: ReadonlyMap<string, string>;
  /** Of the body, where it is a JSON object. */
  readonly members: ReadonlyMap<string, RawJson> | undefined;
  /** Of the query, or of a form. */
  readonly query: ReadonlyMap<string, string> | undefined;
  /** The whole body, for rows that take it as one field. */
  readonly body?: RawJson | undefined;
}

export interface Arguments {
  /** Without prototype; the names are the row's own. */
  readonly args: { readonly [name: string]: unknown };
  readonly warnings: readonly string[];
}

type AnyRow = Pick<Row<never>, 'in' | 'wholeBody'>;
type AnyField = Field<unknown, boolean>;

interface Plan {
  readonly fields: readonly (readonly [string, AnyField])[];
  /** Names and aliases. */
  readonly known: ReadonlySet<string>;
}

const plans = new WeakMap<AnyRow['in'], Plan>();

const planOf = (row: AnyRow): Plan => {
  const there = plans.get(row.in);
  if (there !== undefined) return there;
  const fields = Object.entries(row.in);
  const made = { fields, known: new Set(fields.flatMap(([name, { aliases }]) => [name, ...aliases])) };
  plans.set(row.in, made);
  return made;
};

/** Throws `CofferError` `invalid_request`. */
export const argumentsOf = (row: AnyRow, given: Given): Arguments => {
  const { fields, known } = planOf(row);
  const args = Object.create(null) as { [name: string]: unknown };
  for (const [name, field] of fields) {
    const value = name === row.wholeBody ? given.body : read(name, field, given);
    if (value !== undefined) args[name] = value;
    else if (field.default !== undefined) args[name] = field.default;
    else if (field.required) throw missing(name, field);
  }
  return { args, warnings: row.wholeBody === undefined ? warningsOf(known, given) : [] };
};

const missing = (name: string, field: AnyField): CofferError =>
  new CofferError('invalid_request', `missing field "${name}" (${field.summary}): expected ${field.kind.expects}`);

const read = (name: string, field: AnyField, given: Given): unknown => {
  try {
    const param = given.params.get(name);
    if (param !== undefined) return field.kind.form(param);
    return readBody(name, field, given) ?? readQuery(name, field, given);
  } catch (cause) {
    throw cause instanceof CofferError ? cause : refusedField(name, cause);
  }
};

/** The first of the field's names that is there. */
const lookUp = <V>(name: string, field: AnyField, source: ReadonlyMap<string, V> | undefined): V | undefined => {
  if (source === undefined || source.size === 0) return undefined;
  const found = source.get(name);
  if (found !== undefined || field.aliases.length === 0) return found;
  const alias = field.aliases.find(other => source.has(other));
  return alias === undefined ? undefined : source.get(alias);
};

const readBody = (name: string, field: AnyField, given: Given): unknown => {
  const value = lookUp(name, field, given.members);
  if (value === undefined || value.type === 'null') return undefined;
  const empty = value.type === 'string' && value.bytes.length === 2;
  return empty && field.kind.emptyIsAbsent ? undefined : field.kind.coerce(value);
};

const readQuery = (name: string, field: AnyField, given: Given): unknown => {
  const text = lookUp(name, field, given.query);
  return text === undefined || (text === '' && field.kind.emptyIsAbsent) ? undefined : field.kind.form(text);
};

const warningsOf = (known: ReadonlySet<string>, given: Given): readonly string[] => {
  const names = [...(given.members?.keys() ?? []), ...(given.query?.keys() ?? [])];
  const ignored = names.filter(name => !known.has(name));
  const replaced = names.filter(name => given.params.has(name));
  const warnings: string[] = [];
  if (ignored.length > 0) warnings.push(`Endpoint ignored these unrecognized parameters: ${shown(ignored)}`);
  if (replaced.length > 0) {
    warnings.push(
      `Endpoint replaced the value of these parameters with the values captured from the endpoint's path: ${shown(replaced)}`,
    );
  }
  return warnings;
};

const shown = (names: readonly string[]): string => {
  const sorted = names.toSorted().slice(0, shownNamesLimit).map(shownName);
  if (names.length > shownNamesLimit) sorted.push(`… (${names.length} in all)`);
  return `[${sorted.join(' ')}]`;
};

const shownName = (name: string): string => {
  const short = name.length <= shownNameCharacters ? name : `${name.slice(0, shownNameCharacters)}…`;
  return short.replace(/[\p{C}\p{Z}]/gu, '?');
};
