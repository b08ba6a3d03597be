/** Where a mount may stand: pure rules over paths. */
import { CofferError } from '@coffer/schema/errors.ts';
import { apiPath } from '../request/target.ts';
import type { MountClass } from './mount.ts';

const reservedPrefixes: readonly string[] = ['audit/', 'auth/', 'sys/', 'cubbyhole/', 'identity/'];
const reservedAuth: readonly string[] = ['token/'];
const mountPathLimit = 256;

/** `app/kv` → `app/kv/`. Throws `invalid_request`. */
export const mountPath = (asked: string): string => {
  const trimmed = asked.replace(/^\/|\/$/g, '');
  if (asked.includes('//'))
    throw new CofferError('invalid_request', 'mount path must not hold an empty segment ("//")');
  if (/[*+]/.test(trimmed))
    throw new CofferError('invalid_request', 'mount path must not hold "*" or "+": policies read them as wildcards');
  if (trimmed === '') throw new CofferError('invalid_request', 'missing path');
  if (trimmed.length > mountPathLimit)
    throw new CofferError('invalid_request', `mount path is longer than ${mountPathLimit} characters`);
  return `${apiPath(trimmed)}/`;
};

/** Throws `invalid_request` where the path belongs to the store itself. */
export const refuseReserved = (kind: MountClass, path: string): void => {
  const reserved = kind === 'auth' ? reservedAuth : reservedPrefixes;
  const hit = reserved.find(prefix => path.startsWith(prefix));
  if (hit !== undefined) throw new CofferError('invalid_request', `path "${hit}" is reserved by the store`);
};

/** As in request paths. */
export const routePrefix = (kind: MountClass, path: string): string => (kind === 'auth' ? `auth/${path}` : path);

/** The mount in the way of `prefix`: the same, above or below it. */
export const conflictWith = (prefix: string, taken: Iterable<string>): string | undefined => {
  for (const other of taken) if (prefix.startsWith(other) || other.startsWith(prefix)) return other;
  return undefined;
};
