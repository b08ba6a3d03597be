/**
 * A kind of field answers for itself: how it is read from JSON, from a form or query, from a flag; what it looks like in
 * JSON Schema and in TypeScript; which values a generator may try. Kinds are ours because the wire's coercions are: comma
 * lists, seconds or "1h", key=value maps. Every kind is a Standard Schema (https://standardschema.dev, version 1).
 */
import { CofferError } from '../errors.ts';
import type { RawJson } from '../json/raw.ts';
import { fromUnknown } from '../json/unknown.ts';

export type JsonSchema = { readonly [key: string]: unknown };

/** What a kind says of itself; `makeKind` adds what follows from it. */
export interface KindFacts<T> {
  readonly name: string;
  /** What it takes, as in "expected …": `a whole number`. */
  readonly expects: string;
  readonly json: JsonSchema;
  /** TypeScript text of what a caller may pass, and of what an answer holds. */
  readonly ts: { readonly in: string; readonly out: string };
  /** Secret values are hashed in audit, redacted in logs and typed as `Secret`. */
  readonly secret?: boolean;
  /** An empty text is no value: as if the field were not there. */
  readonly emptyIsAbsent?: boolean;
  /** Reads a checked JSON value. Throws `Refused`. */
  coerce(value: RawJson): T;
  /** Reads a form value or a query parameter. Throws `Refused`. */
  form(text: string): T;
  /** Reads a command-line flag where that differs from a form value. */
  flag?(text: string): T;
  /** Some JSON values, good and bad, for generators. `pick` chooses one of a list. */
  arbitrary(pick: <V>(choices: readonly V[]) => V): unknown;
}

export interface Kind<T> extends Required<KindFacts<T>> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'coffer';
    readonly validate: (value: unknown) => StandardResult<T>;
  };
}

type StandardResult<T> = { readonly value: T } | { readonly issues: readonly { readonly message: string }[] };

/** A value its kind cannot take. The reason names what is expected, never the value. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** `field "ttl": expected …`, the caller's mistake. */
export const refusedField = (name: string, cause: unknown): CofferError =>
  new CofferError(
    'invalid_request',
    `field "${name}": ${cause instanceof Refused ? cause.message : 'cannot be read'}`,
    { cause },
  );

export const makeKind = <T>(facts: KindFacts<T>): Kind<T> =>
  Object.freeze({
    ...facts,
    secret: facts.secret ?? false,
    emptyIsAbsent: facts.emptyIsAbsent ?? false,
    flag: facts.flag ?? facts.form,
    '~standard': Object.freeze({
      version: 1 as const,
      vendor: 'coffer' as const,
      validate: (value: unknown): StandardResult<T> => {
        try {
          return { value: facts.coerce(fromUnknown(value)) };
        } catch (cause) {
          if (cause instanceof Refused || cause instanceof CofferError) return { issues: [{ message: cause.message }] };
          throw cause;
        }
      },
    }),
  });
