/** `metadata` and `detailed-metadata`: what is known of keys beside their values, and which keys there are. */
import { t } from '@coffer/schema/fields/t.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { writeTransient } from '@coffer/schema/json/write.ts';
import type { Out } from '@coffer/schema/out.ts';
import { checkPath } from '../../keyed/key-path.ts';
import { whenThere } from '../../keyed/later.ts';
import { type ListArgs, listFields, listNames, type Named, pageOf, recordPages } from '../../keyed/listing.ts';
import { isThere } from '../../keyed/there.ts';
import { metadataAnswer } from './answers.ts';
import { type KvCx, rows } from './cx.ts';
import { metaKey, metaRoot } from './key-meta.ts';
import { storedMeta } from './meta-record.ts';
import { patchMetadata, removeKey, writeMetadata } from './metadata.ts';
import { settingFields } from './settings.ts';

const path = t.path('Path of the secret');
const changeFields = {
  ...settingFields,
  custom_metadata: t.object('Texts by name, kept beside the secret'),
  metadata_cas: t.integer('Change only if this is the metadata version'),
};
const listed = { keys: t.list('Names; folders end in a slash') };
const detailed = { ...listed, key_info: t.object('Metadata by name') };

const metadataExists = (cx: KvCx, args: { readonly path: string }): boolean | Promise<boolean> =>
  isThere(cx.storage, { root: metaRoot, path: args.path });

/** As JSON at once: many answers as objects would take ten times the room, and be written out in one go at the end. */
const infoOf = ({ found }: Named): RawJson | undefined =>
  found?.entry === undefined ? undefined : new RawJson(writeTransient(metadataAnswer(storedMeta(found.entry).meta)));

const details = async (
  cx: KvCx,
  args: ListArgs,
  deep: boolean,
): Promise<{ readonly keys: readonly string[]; readonly key_info: Out } | undefined> => {
  const keys: string[] = [];
  const infos = new Map<string, RawJson>();
  for await (const page of recordPages(cx.storage, metaRoot, { ...pageOf(args), deep })) {
    for (const named of page) {
      keys.push(named.name);
      const info = infoOf(named);
      if (info !== undefined) infos.set(named.name, info);
    }
  }
  return keys.length === 0 ? undefined : { keys, key_info: infos };
};

const keyRows = [
  rows.read(
    'metadata/:path*',
    {
      summary: 'Read what is known of a secret beside its values',
      in: { path },
      out: {
        ...settingFields,
        created_time: t.time('When it was first written'),
        current_metadata_version: t.integer('Version of the metadata'),
        current_version: t.integer('Newest version; 0 for none'),
        custom_metadata: t.keyvalues('Texts by name'),
        oldest_version: t.integer('Oldest version that is kept'),
        updated_time: t.time('When it was last changed'),
        versions: t.object('Times of each version'),
      },
    },
    (cx, args) =>
      whenThere(cx.storage.get(metaKey(checkPath(args.path))), entry =>
        entry === undefined ? undefined : metadataAnswer(storedMeta(entry).meta),
      ),
  ),
  rows.write(
    'metadata/:path*',
    { summary: 'Set what is known of a secret', in: { path, ...changeFields }, exists: metadataExists },
    (cx, args) => writeMetadata(cx, { ...args, path: checkPath(args.path) }),
  ),
  rows.patch(
    'metadata/:path*',
    {
      summary: 'Change some of what is known of a secret',
      in: { path, patch: t.object('Merge patch of the same fields; `null` sets one back') },
      wholeBody: 'patch',
    },
    (cx, args) => patchMetadata(cx, checkPath(args.path), args.patch),
  ),
  rows.remove('metadata/:path*', { summary: 'Remove a secret with all its versions', in: { path } }, (cx, args) =>
    removeKey(cx, checkPath(args.path)),
  ),
];

export const metadataRows = [
  ...keyRows,
  rows.list('metadata/:path*?', { summary: 'List secrets in a folder', in: listFields, out: listed }, (cx, args) =>
    listNames(cx.storage, metaRoot, { ...pageOf(args), deep: false }),
  ),
  rows.scan(
    'metadata/:path*?',
    { summary: 'List secrets below a folder, with those in its folders', in: listFields, out: listed },
    (cx, args) => listNames(cx.storage, metaRoot, { ...pageOf(args), deep: true }),
  ),
  rows.list(
    'detailed-metadata/:path*?',
    { summary: 'List secrets in a folder with their metadata', in: listFields, out: detailed },
    (cx, args) => details(cx, args, false),
  ),
  rows.scan(
    'detailed-metadata/:path*?',
    { summary: 'List secrets below a folder with their metadata', in: listFields, out: detailed },
    (cx, args) => details(cx, args, true),
  ),
];
