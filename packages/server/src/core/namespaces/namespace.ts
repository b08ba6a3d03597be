/**
 * Namespaces are in every key, id and stage. Today one exists, the root; the header that names others is understood and
 * answered honestly.
 */
import { CofferError } from '@coffer/schema/errors.ts';

export interface Namespace {
  /** In storage keys; never changes and is never reused. */
  readonly id: string;
  /** `` for the root, else segments each followed by `/`. */
  readonly path: string;
}

export const rootNamespace: Namespace = Object.freeze({ id: 'root', path: '' });

/** The namespace a header names. Throws `namespace_not_found`. */
export const namespaceOf = (header: string | undefined): Namespace => {
  if (header === undefined || header === '' || header === '/' || header === 'root' || header === 'root/')
    return rootNamespace;
  throw new CofferError('namespace_not_found', 'namespace not found');
};
