/**
 * A kind of field of a Kubernetes object answers for itself: how it is read from what the API server sends, and what it
 * looks like in the schema of a CustomResourceDefinition. Both say the same, so that what the server lets in can be read.
 */
import type { Fields } from './field.ts';
import type { Place } from './reading.ts';

/** A structural schema (OpenAPI v3 as `apiextensions.k8s.io/v1` takes it), without description and default. */
export type Schema = { readonly [key: string]: unknown };

export interface Kind<T> {
  /** For the reference: `text`, `list of texts`. */
  readonly type: string;
  readonly schema: Schema;
  /** The fields of an object, or of the objects in a list. */
  readonly members?: Fields | undefined;
  /** Ends by `at.refuse` where the value is not of the kind. `value` is never `undefined`. */
  read(value: unknown, at: Place): T;
}
