/** How the fields of a table are made, and what an object with such fields is once it has been read. */
import type { Field, Fields, Kind } from './kind.ts';

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

/** An object with these fields, read. */
export type Of<M extends Fields> = {
  readonly [K in keyof M as Always<M[K]> extends true ? K : never]: ValueOf<M[K]>;
} & {
  readonly [K in keyof M as Always<M[K]> extends true ? never : K]?: ValueOf<M[K]> | undefined;
};
