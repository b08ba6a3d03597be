/** Metadata of versioned secrets: get, put, patch, delete. */
import { absent } from '@coffer/client/absent.ts';
import { objectIn } from '@coffer/client/members.ts';
import { type Json, type JsonObject, JsonNumber } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { type Command, command } from '../command.ts';
import type { Cx } from '../cx.ts';
import { bool, number, pairs, text } from '../flags.ts';
import { fieldRows } from '../format/answer.ts';
import { byName } from '../format/cell.ts';
import { envelope } from '../format/json.ts';
import { banner, keyValue, titled } from '../format/table.ts';
import { apiPath, mountFlag, needsVersions, placeOf, placeSeeks } from './kv-place.ts';

const rowsOf = (map: JsonObject): string => keyValue(fieldRows([...map].toSorted(byName)));

const versionTables = (versions: JsonObject): string[] =>
  [...versions]
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([version, facts]) => titled(`Version ${version}`, rowsOf(facts instanceof Map ? facts : new Map())));

const metadataText = (path: string, data: JsonObject): string => {
  const own = new Map([...data].filter(([name]) => name !== 'versions'));
  const head = `${banner('Metadata Path', path.length)}\n${path}`;
  return [head, titled('Metadata', rowsOf(own)), ...versionTables(objectIn(data, 'versions') ?? new Map())].join(
    '\n\n',
  );
};

const metadataPath = async (cx: Cx): Promise<string> => apiPath(needsVersions(await placeOf(cx)), 'metadata');

const get = async (cx: Cx): Promise<number> => {
  const path = await metadataPath(cx);
  const answer = await absent(cx.send({ method: 'GET', path }));
  if (answer === undefined) return cx.nothing(`No value found at ${path}`);
  if (answer.wrapInfo !== undefined) return cx.answer(answer);
  const data = answer.data ?? new Map<string, Json>();
  return cx.result({ json: envelope(answer.body), table: () => metadataText(path, data), fields: [...data] });
};

/** Flags that were given become members; the others leave the server's values alone. */
const bodyOf = (cx: Cx): ReadonlyMap<string, Out> => {
  const body = new Map<string, Out>();
  const cas = cx.flags.number('max-versions');
  if (cas !== undefined && cas >= 0) body.set('max_versions', new JsonNumber(String(cas)));
  if (cx.flags.has('cas-required')) body.set('cas_required', cx.flags.bool('cas-required'));
  const after = cx.flags.text('delete-version-after');
  if (after !== undefined) body.set('delete_version_after', after);
  const custom = cx.flags.pairs('custom-metadata');
  if (custom !== undefined) body.set('custom_metadata', custom);
  return body;
};

const put = async (cx: Cx): Promise<number> => {
  const path = await metadataPath(cx);
  await cx.send({ method: 'PUT', path, body: bodyOf(cx) });
  return cx.success(`Data written to: ${path}`);
};

const withRemovals = (cx: Cx, body: ReadonlyMap<string, Out>): ReadonlyMap<string, Out> => {
  const removed = cx.flags.all('remove-custom-metadata');
  if (removed.length === 0) return body;
  const custom = new Map<string, Out>(cx.flags.pairs('custom-metadata') ?? []);
  for (const name of removed) custom.set(name, null);
  return new Map<string, Out>([...body, ['custom_metadata', custom]]);
};

const patch = async (cx: Cx): Promise<number> => {
  const body = withRemovals(cx, bodyOf(cx));
  if (body.size === 0) throw new CofferError('usage', 'Nothing to change: give at least one flag');
  const path = await metadataPath(cx);
  await cx.send({ method: 'PATCH', path, body });
  return cx.success(`Data written to: ${path}`);
};

const remove = async (cx: Cx): Promise<number> => {
  const path = await metadataPath(cx);
  await cx.send({ method: 'DELETE', path });
  return cx.success(`Data deleted (if it existed) at: ${path}`);
};

const flags = {
  ...mountFlag,
  'max-versions': number('Versions to keep; 0: as the mount says'),
  'cas-required': bool('Ask for a check-and-set parameter on every write'),
  'delete-version-after': text('Delete each version this long after it was written'),
  'custom-metadata': pairs('A key and value to keep beside the secret; may be repeated'),
};

const row = { args: 'PATH', count: [1, 1] as const, seeks: placeSeeks };

export const kvMetadataCommands: readonly Command[] = [
  command({
    ...row,
    name: 'kv metadata get',
    summary: 'Show the metadata and versions of a secret',
    flags: mountFlag,
    doing: ([path = '']) => `reading ${path}`,
    run: get,
  }),
  command({
    ...row,
    name: 'kv metadata put',
    summary: 'Set the metadata of a secret',
    flags,
    doing: ([path = '']) => `writing metadata to ${path}`,
    run: put,
  }),
  command({
    ...row,
    name: 'kv metadata patch',
    summary: 'Change some metadata of a secret',
    flags: { ...flags, 'remove-custom-metadata': text('A key to remove; may be repeated') },
    doing: ([path = '']) => `writing metadata to ${path}`,
    run: patch,
  }),
  command({
    ...row,
    name: 'kv metadata delete',
    summary: 'Delete all versions and metadata of a secret for good',
    flags: mountFlag,
    doing: ([path = '']) => `deleting ${path}`,
    run: remove,
  }),
];
