/** A field is a kind with its place in a row: what it is for, whether it must be there, its default, other names. */
import type { Kind } from './kind.ts';

export interface Field<T, Present extends boolean> {
  readonly kind: Kind<T>;
  readonly summary: string;
  readonly required: boolean;
  readonly default: T | undefined;
  /** Older names that mean the same on the wire. */
  readonly aliases: readonly string[];
  readonly deprecated: boolean;
  /** A name of this parameter means the same as `foldedName` of it. */
  readonly folds: boolean;
  /** Type-level only: the argument is always there. */
  readonly present?: Present;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a row's fields are of every kind; the type is recovered by `Args`
export type Fields = { readonly [name: string]: Field<any, boolean> };

export interface FieldOptions<T> {
  readonly required?: true;
  readonly default?: T;
  readonly aliases?: readonly string[];
  readonly deprecated?: true;
  readonly folds?: true;
}

export type PresentBy<O> = O extends { readonly required: true }
  ? true
  : O extends { readonly default: unknown }
    ? true
    : false;

export const field = <T, const O extends FieldOptions<T>>(
  kind: Kind<T>,
  summary: string,
  options?: O,
): Field<T, PresentBy<O>> => {
  const given: FieldOptions<T> = options ?? {};
  return Object.freeze({
    kind,
    summary,
    required: given.required ?? false,
    default: given.default,
    aliases: given.aliases ?? [],
    deprecated: given.deprecated ?? false,
    folds: given.folds ?? false,
  });
};
