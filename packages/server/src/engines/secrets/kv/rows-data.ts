/** `data` and `subkeys`: reading, writing and patching what a key holds. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { checkPath } from '../../keyed/key-path.ts';
import { isThere } from '../../keyed/there.ts';
import { casOf } from './cas.ts';
import { type KvCx, rows } from './cx.ts';
import { readVersion } from './data-read.ts';
import { type DataWrite, patchVersion, writeVersion } from './data-write.ts';
import { metaRoot } from './key-meta.ts';
import { storedMeta } from './meta-record.ts';
import { subkeysOf } from './subkeys.ts';
import { deleteLatest } from './versions.ts';

const path = t.path('Path of the secret');
const version = t.integer('Version; 0 for the newest', { default: 0 });
const writeFields = {
  path,
  data: t.object('The values'),
  options: t.object('`cas`: write only if this is the current version, 0 only if there is none'),
};
const versionFields = {
  created_time: t.time('When it was written'),
  custom_metadata: t.keyvalues('Custom metadata of the key'),
  deletion_time: t.string('When it was or will be deleted'),
  destroyed: t.boolean('Its value is gone for good'),
  version: t.integer('Its number'),
};

/** Versions are there: a write is an update. */
export const keyExists = (cx: KvCx, args: { readonly path: string }): boolean | Promise<boolean> =>
  isThere(cx.storage, { root: metaRoot, path: args.path }, entry => storedMeta(entry).meta.currentVersion > 0);

interface Given {
  readonly path: string;
  readonly data?: RawJson | undefined;
  readonly options?: RawJson | undefined;
}

const wanted = ({ path: given, data, options }: Given): DataWrite => {
  if (data === undefined) throw new CofferError('invalid_request', 'no data provided');
  return { path: checkPath(given), data, cas: casOf(options) };
};

const whole = (data: RawJson): RawJson => data;

export const dataRows = [
  rows.read(
    'data/:path*',
    {
      summary: 'Read a version of a secret',
      in: { path, version },
      out: { data: t.object('The values'), metadata: t.object('About the version') },
    },
    (cx, args) => readVersion(cx, { path: checkPath(args.path), version: args.version, name: 'data', show: whole }),
  ),
  rows.write(
    'data/:path*',
    { summary: 'Write a new version of a secret', in: writeFields, out: versionFields, exists: keyExists },
    (cx, args) => writeVersion(cx, wanted(args)),
  ),
  rows.patch(
    'data/:path*',
    { summary: 'Change some values of a secret, as a new version', in: writeFields, out: versionFields },
    (cx, args) => patchVersion(cx, wanted(args)),
  ),
  rows.remove('data/:path*', { summary: 'Delete the newest version, to be undeleted', in: { path } }, (cx, args) =>
    deleteLatest(cx, checkPath(args.path)),
  ),
  rows.read(
    'subkeys/:path*',
    {
      summary: 'Read the names inside a secret without its values',
      in: { path, version, depth: t.integer('Levels to show; 0 for all', { default: 0 }) },
      out: { subkeys: t.object('The names'), metadata: t.object('About the version') },
    },
    (cx, { path: given, version: number, depth }) =>
      readVersion(cx, {
        path: checkPath(given),
        version: number,
        name: 'subkeys',
        show: data => subkeysOf(data, depth),
      }),
  ),
];
