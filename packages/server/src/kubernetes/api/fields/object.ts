/** Objects with the fields of a table, and the rules that hold between them. */
import { recordAt } from './collections.ts';
import type { Of } from './field.ts';
import type { Field, Fields, Kind, Schema } from './kind.ts';
import type { Place } from './reading.ts';
import type { Rule } from './rule.ts';

interface ObjectOptions<M extends Fields> {
  readonly rules?: readonly Rule<Of<M>>[];
  /** Members that the table does not have are kept by the API server, and told of by the parser as not supported yet. */
  readonly open?: true;
  /** How many members are set. */
  readonly count?: number;
}

const fieldSchema = ({ kind, summary, default: initial }: Field<unknown, boolean>): Schema => ({
  description: `${summary}.`,
  ...kind.schema,
  ...(initial === undefined ? {} : { default: initial }),
});

const objectSchema = <M extends Fields>(members: M, options: ObjectOptions<M>): Schema => {
  const { rules = [], open = false, count } = options;
  const entries = Object.entries(members);
  const required = entries.filter(([, field]) => field.required).map(([name]) => name);
  return {
    type: 'object',
    ...(count === undefined ? {} : { minProperties: count, maxProperties: count }),
    ...(open ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(entries.map(([name, field]) => [name, fieldSchema(field)])),
    ...(rules.length === 0
      ? {}
      : { 'x-kubernetes-validations': rules.map(({ cel, message }) => ({ rule: cel, message })) }),
  };
};

/** As for the API server, a null is as if nothing were there. */
const givenOf = (given: { readonly [name: string]: unknown }, name: string): unknown =>
  Object.hasOwn(given, name) ? (given[name] ?? undefined) : undefined;

const asksForNothing = (value: unknown): boolean => value === false || (Array.isArray(value) && value.length === 0);

const readField = (field: Field<unknown, boolean>, value: unknown, at: Place): unknown => {
  if (value === undefined) {
    if (field.default !== undefined) return field.kind.read(field.default, at);
    return field.required ? at.refuse(`missing: ${field.summary}`) : undefined;
  }
  if (field.notYet && !asksForNothing(value)) at.unsupported.add(at.path);
  return field.kind.read(value, at);
};

/** An object of these fields. */
export const object = <const M extends Fields>(members: M, options: ObjectOptions<M> = {}): Kind<Of<M>> => {
  const fields = Object.entries(members);
  const { rules = [], open = false, count } = options;
  const readMembers = (given: { readonly [name: string]: unknown }, at: Place): Of<M> => {
    const read: { [name: string]: unknown } = {};
    for (const [name, field] of fields) {
      const place = at.member(name);
      const value = place.attempt(() => readField(field, givenOf(given, name), place));
      if (value !== undefined) read[name] = value;
    }
    return read as Of<M>;
  };
  return Object.freeze({
    type: 'object',
    schema: objectSchema(members, options),
    members,
    rules,
    read: (value: unknown, at: Place): Of<M> => {
      const given = recordAt(value, at);
      const before = at.problems.count;
      const unknown = Object.keys(given).filter(name => !Object.hasOwn(members, name));
      for (const name of unknown) at.unsupported.add(at.key(name).path);
      const known = fields.filter(([name]) => givenOf(given, name) !== undefined).length;
      if (count !== undefined && count !== known + (open ? unknown.length : 0)) at.note(`set exactly ${count}`);
      const read = readMembers(given, at);
      if (at.problems.count === before) for (const rule of rules) if (!rule.holds(read)) at.note(rule.message);
      return read;
    },
  });
};

/** An object whose members are not looked at; kept as it is. */
export const anything: Kind<{ readonly [name: string]: unknown }> = Object.freeze({
  type: 'object',
  schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  read: recordAt,
});
