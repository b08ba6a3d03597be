/** Rows as JSON Schema, in the form OpenAPI 3.0 understands. Defaults of secret fields are never shown. */
import type { Out } from '../out.ts';
import type { AnyField, AnyRow } from './served.ts';
import { splitFields } from './served.ts';

export type SchemaObject = { readonly [key: string]: Out };

/** Old clients read this member of the envelope; the rest of it is the same for every answer. */
const envelopeMembers: SchemaObject = {
  request_id: { type: 'string' },
  lease_id: { type: 'string' },
  renewable: { type: 'boolean' },
  lease_duration: { type: 'integer', format: 'seconds' },
  warnings: { type: 'array', items: { type: 'string' }, nullable: true },
  wrap_info: { type: 'object', nullable: true },
  auth: { type: 'object', nullable: true },
};

export const fieldSchema = ({ kind, summary, default: value, deprecated }: AnyField): SchemaObject => ({
  ...(kind.json as SchemaObject),
  description: summary,
  default: kind.secret ? undefined : (value as Out),
  deprecated: deprecated ? true : undefined,
});

const objectOf = (fields: readonly (readonly [string, AnyField])[]): SchemaObject => {
  const required = fields.filter(([, { required: must }]) => must).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, fieldSchema(field)])),
    required: required.length === 0 ? undefined : required,
  };
};

/** The request body; undefined where the row reads none. */
export const bodySchema = (row: AnyRow): SchemaObject | undefined => {
  if (row.body !== 'json' && row.body !== 'form') return undefined;
  const { others } = splitFields(row);
  const whole = others.find(([name]) => name === row.wholeBody);
  if (whole !== undefined) return { ...fieldSchema(whole[1]) };
  return others.length === 0 ? undefined : objectOf(others);
};

/** The body of an answer with data; undefined where it is no JSON or never there. */
export const answerSchema = (row: AnyRow): SchemaObject | undefined => {
  const fields = Object.entries(row.out) as [string, AnyField][];
  if (fields.length === 0 || (row.answer !== 'envelope' && row.answer !== 'bare')) return undefined;
  const data = objectOf(fields);
  if (row.answer === 'bare') return data;
  const top = row.legacyTopLevel ? (data['properties'] as SchemaObject) : {};
  return { type: 'object', properties: { ...envelopeMembers, data, ...top } };
};
