/** `delete`, `undelete` and `destroy`: what a caller may do to versions by number. */
import { t } from '@coffer/schema/fields/t.ts';
import { checkPath } from '../../keyed/key-path.ts';
import { rows } from './cx.ts';
import { keyExists } from './rows-data.ts';
import { changeVersions } from './versions.ts';

const fields = { path: t.path('Path of the secret'), versions: t.integers('Numbers of the versions') };

export const versionRows = [
  rows.write(
    'delete/:path*',
    { summary: 'Delete versions, to be undeleted', in: fields, exists: keyExists },
    (cx, { path, versions }) => changeVersions(cx, { path: checkPath(path), versions, kind: 'delete' }),
  ),
  rows.write(
    'undelete/:path*',
    { summary: 'Bring deleted versions back', in: fields, exists: keyExists },
    (cx, { path, versions }) => changeVersions(cx, { path: checkPath(path), versions, kind: 'undelete' }),
  ),
  rows.write(
    'destroy/:path*',
    { summary: 'Destroy the values of versions for good', in: fields, exists: keyExists },
    (cx, { path, versions }) => changeVersions(cx, { path: checkPath(path), versions, kind: 'destroy' }),
  ),
];
