/**
 * Paths that a versioned mount does not have. Callers who take it for an unversioned one are told so in a warning, which
 * clients know; a known path with an operation it lacks is refused as such.
 */
import { CofferError, oneError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { rows } from './cx.ts';

const absent = 404;
const known: ReadonlySet<string> = new Set([
  'config',
  'data',
  'delete',
  'destroy',
  'detailed-metadata',
  'metadata',
  'subkeys',
  'undelete',
]);

const elsewhere = (command: string) => (_cx: unknown, args: { readonly path?: string | undefined }) => {
  if (known.has(args.path?.split('/', 1)[0] ?? ''))
    throw new CofferError('unsupported_operation', oneError('unsupported operation'));
  const warning = `Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv ${command}' for this operation.`;
  return new Reply(undefined, { status: absent, warnings: [warning] });
};

const path = t.path('Any other path');
const summary = 'Say that a versioned mount has no such path';

export const elsewhereRows = [
  rows.read(':path*?', { summary, in: { path } }, elsewhere('get')),
  rows.write(':path*', { summary, in: { path }, pure: true }, elsewhere('put')),
  rows.remove(':path*', { summary, in: { path }, pure: true }, elsewhere('delete')),
  rows.list(':path*?', { summary, in: { path } }, elsewhere('list')),
];
