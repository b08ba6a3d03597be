/** The constructors of fields, one for each kind: `t.string('What it is for', { required: true })`. */
import { type Field, type FieldOptions, field, type PresentBy } from './field.ts';
import type { Kind } from './kind.ts';
import { map, object, raw } from './kinds/json.ts';
import { integers, keyvalues, list } from './kinds/list.ts';
import { boolean, integer, limit, natural } from './kinds/number.ts';
import { name, oneOf, path, secret, string } from './kinds/text.ts';
import { duration, lease, time } from './kinds/time.ts';

const of =
  <T>(kind: Kind<T>) =>
  <const O extends FieldOptions<T>>(summary: string, options?: O): Field<T, PresentBy<O>> =>
    field(kind, summary, options);

export const t = Object.freeze({
  string: of(string),
  /** One segment of a path. */
  name: of(name),
  /** The rest of a path. */
  path: of(path),
  integer: of(integer),
  natural: of(natural),
  /** How many to answer at most; 0 is all. */
  limit: of(limit),
  boolean: of(boolean),
  /** Seconds. */
  duration: of(duration),
  /** Seconds; 0 where it is the system's. */
  lease: of(lease),
  time: of(time),
  list: of(list),
  integers: of(integers),
  keyvalues: of(keyvalues),
  /** An object, opened. */
  map: of(map),
  /** Any JSON value, unopened. */
  raw: of(raw),
  /** An object, unopened. */
  object: of(object),
  secret: of(secret),
  oneOf: <const V extends string, const O extends FieldOptions<V>>(
    choices: readonly V[],
    summary: string,
    options?: O,
  ): Field<V, PresentBy<O>> => field(oneOf(choices), summary, options),
});
