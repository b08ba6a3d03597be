/** The constructors of fields: `f.text('What it is for', { required: true })`, `f.of(aKind, 'What it is for')`. */
import { list, map } from './collections.ts';
import { type FieldOptions, field, type Of, type PresentBy } from './field.ts';
import type { Field, Fields, Kind } from './kind.ts';
import { anything, object } from './object.ts';
import {
  base64,
  boolean,
  choice,
  dataKey,
  integer,
  namespaceName,
  objectName,
  someText,
  text,
  time,
} from './scalars.ts';
import { secondsOrSpan, span } from './span.ts';

const of =
  <T>(kind: Kind<T>) =>
  <const O extends FieldOptions>(summary: string, options?: O): Field<T, PresentBy<O>> =>
    field(kind, summary, options);

/** One constructor for each kind; the first argument says what the field is for, without a full stop. */
export const f = Object.freeze({
  text: of(text),
  someText: of(someText),
  /** The name of an object. */
  name: of(objectName),
  namespace: of(namespaceName),
  /** A key in the data of a Secret. */
  key: of(dataKey),
  base64: of(base64),
  time: of(time),
  boolean: of(boolean),
  span: of(span),
  secondsOrSpan: of(secondsOrSpan),
  texts: of(list(text)),
  textMap: of(map(text)),
  /** An object that nobody looks into. */
  anything: of(anything),
  natural: of(integer(0, 2_147_483_647)),
  choice: <const V extends string, const O extends FieldOptions>(
    choices: readonly V[],
    summary: string,
    options?: O,
  ): Field<V, PresentBy<O>> => field(choice(choices), summary, options),
  /** An object of fields that nobody else has. */
  object: <const M extends Fields, const O extends FieldOptions>(
    members: M,
    summary: string,
    options?: O,
  ): Field<Of<M>, PresentBy<O>> => field(object(members), summary, options),
  /** A kind made elsewhere. */
  of: <T, const O extends FieldOptions>(kind: Kind<T>, summary: string, options?: O): Field<T, PresentBy<O>> =>
    field(kind, summary, options),
});
