/** A field is a kind with its place in an object: what it is for, whether it must be there, what it is when it is not. */
import type { Kind } from './kind.ts';

export interface Field<T, Present extends boolean> {
  readonly kind: Kind<T>;
  readonly summary: string;
  readonly required: boolean;
  /** As JSON. The API server writes it into the object; the parser does the same for objects it has not seen. */
  readonly default: unknown;
  /** Known, kept and checked, but not acted on: where it is set, the parser tells of it. */
  readonly notYet: boolean;
  /** Type-level only: the value is always there. */
  readonly present?: Present;
}

export type Fields = { readonly [name: string]: Field<unknown, boolean> };

export interface FieldOptions {
  readonly required?: true;
  readonly default?: unknown;
  readonly notYet?: true;
}

export type PresentBy<O> = O extends { readonly required: true }
  ? true
  : O extends { readonly default: unknown }
    ? true
    : false;

/** A field that is neither required nor has a default may be missing. */
export const field = <T, const O extends FieldOptions>(
  kind: Kind<T>,
  summary: string,
  options?: O,
): Field<T, PresentBy<O>> => {
  const given: FieldOptions = options ?? {};
  return Object.freeze({
    kind,
    summary,
    required: given.required ?? false,
    default: given.default,
    notYet: given.notYet ?? false,
  });
};

type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;
type Always<F> = F extends Field<unknown, infer P> ? P : false;

/** What an object with these fields is once it has been read. */
export type Of<M extends Fields> = {
  readonly [K in keyof M as Always<M[K]> extends true ? K : never]: ValueOf<M[K]>;
} & {
  readonly [K in keyof M as Always<M[K]> extends true ? never : K]?: ValueOf<M[K]> | undefined;
};
