/**
 * A kind of field of a Kubernetes object answers for itself: how it is read from what the API server sends, and what it
 * looks like in the schema of a CustomResourceDefinition. Both say the same, so that what the server lets in can be read.
 */
import type { Place } from './reading.ts';

/** A structural schema (OpenAPI v3 as `apiextensions.k8s.io/v1` takes it), without description and default. */
export type Schema = { readonly [key: string]: unknown };

/** A rule for the API server: CEL over `self`, and what people are told where it does not hold. */
export interface RuleText {
  readonly cel: string;
  readonly message: string;
}

export interface Kind<T> {
  /** For the reference: `text`, `list of texts`. */
  readonly type: string;
  readonly schema: Schema;
  /** The fields of an object, or of the objects in a list. */
  readonly members?: Fields | undefined;
  /** What holds between these fields, as the API server is told. */
  readonly rules?: readonly RuleText[] | undefined;
  /** Ends by `at.refuse` where the value is not of the kind. `value` is never `undefined`. */
  read(value: unknown, at: Place): T;
}

/** A kind with its place in an object: what it is for, whether it must be there, what it is when it is not. */
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
