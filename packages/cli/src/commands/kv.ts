/** Key/value secrets: put, get, patch, delete, undelete, destroy, list, rollback, enable-versioning. */
import { absent } from '@coffer/client/absent.ts';
import type { Answer } from '@coffer/client/answer.ts';
import { objectIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { type Command, command, noLimit } from '../command.ts';
import type { Cx } from '../cx.ts';
import { DataArgs } from '../data-args.ts';
import { list, number, text } from '../flags.ts';
import { type Field, fieldRows } from '../format/answer.ts';
import { byName } from '../format/cell.ts';
import { envelope } from '../format/json.ts';
import { listAnswer } from '../format/list.ts';
import { banner, keyValue, titled } from '../format/table.ts';
import { apiPath, mountFlag, needsVersions, type Place, placeOf, placeSeeks } from './kv-place.ts';

const sorted = (map: JsonObject): Field[] => [...map].toSorted(byName);

const secretPath = (path: string): string => `${banner('Secret Path', path.length)}\n${path}`;

const metadataTable = (metadata: JsonObject): string => titled('Metadata', keyValue(fieldRows(sorted(metadata))));

/** What a write to a versioned mount answers. */
const showVersion = (cx: Cx, answer: Answer, path: string): number => {
  if (answer.wrapInfo !== undefined || cx.format === 'raw') return cx.answer(answer);
  const metadata = answer.data ?? new Map<string, Json>();
  return cx.result({
    json: envelope(answer.body),
    table: () => `${secretPath(path)}\n\n${metadataTable(metadata)}`,
    fields: sorted(metadata),
  });
};

const showSecret = (cx: Cx, answer: Answer, path: string): number => {
  const data = objectIn(answer.data ?? new Map(), 'data');
  const metadata = objectIn(answer.data ?? new Map(), 'metadata') ?? new Map<string, Json>();
  const table = (): string => {
    const head = `${secretPath(path)}\n\n${metadataTable(metadata)}`;
    return data === undefined ? head : `${head}\n\n${titled('Data', keyValue(fieldRows(sorted(data))))}`;
  };
  const fields = [...sorted(data ?? new Map()), ...sorted(metadata)];
  return cx.result({ json: envelope(answer.body), table, fields });
};

const dataOf = async (cx: Cx): Promise<ReadonlyMap<string, Out>> => {
  const args = cx.args.slice(1);
  if (args.length === 0) throw new CofferError('usage', 'Must supply data');
  return new DataArgs(cx.io).read(args);
};

const casOf = (cx: Cx): { readonly cas?: number } => {
  const cas = cx.flags.number('cas');
  return cas === undefined || cas < 0 ? {} : { cas };
};

const put = async (cx: Cx): Promise<number> => {
  const data = await dataOf(cx);
  const place = await placeOf(cx);
  const path = apiPath(place, 'data');
  if (place.mount.kvVersion === 2) {
    return showVersion(cx, await cx.send({ method: 'PUT', path, body: { data, options: casOf(cx) } }), path);
  }
  await cx.send({ method: 'PUT', path, body: data });
  return cx.success(`Data written to: ${path}`);
};

const versionQuery = (cx: Cx): ReadonlyMap<string, string> => {
  const version = cx.flags.number('version');
  return version === undefined || version === 0 ? new Map() : new Map([['version', String(version)]]);
};

const get = async (cx: Cx): Promise<number> => {
  const place = await placeOf(cx);
  const path = apiPath(place, 'data');
  const versioned = place.mount.kvVersion === 2;
  const answer = await absent(cx.send({ method: 'GET', path, query: versioned ? versionQuery(cx) : new Map() }));
  if (answer === undefined) return cx.nothing(`No value found at ${path}`);
  if (!versioned || answer.wrapInfo !== undefined || cx.format === 'raw') return showPlain(cx, answer);
  return showSecret(cx, answer, path);
};

const showPlain = (cx: Cx, answer: Answer): number => {
  if (answer.wrapInfo !== undefined || cx.format === 'raw') return cx.answer(answer);
  const fields = sorted(answer.data ?? new Map());
  return cx.result({
    json: envelope(answer.body),
    table: () => titled('Data', keyValue(fieldRows(fields))),
    fields,
  });
};

/** Reads, changes and writes with the version it read: for callers without the `patch` capability. */
const readAndWrite = async (cx: Cx, place: Place, change: ReadonlyMap<string, Out>): Promise<Answer> => {
  const path = apiPath(place, 'data');
  const found = await (await cx.questions()).read(path);
  const data = objectIn(found?.data ?? new Map(), 'data');
  if (data === undefined) throw new CofferError('not_found', `No value found at ${path}`);
  const version = objectIn(found?.data ?? new Map(), 'metadata')?.get('version');
  const cas = casOf(cx).cas ?? (version instanceof JsonNumber ? version.toNumber() : 0);
  return cx.send({ method: 'PUT', path, body: { data: new Map<string, Out>([...data, ...change]), options: { cas } } });
};

const patch = async (cx: Cx): Promise<number> => {
  const change = await dataOf(cx);
  const place = needsVersions(await placeOf(cx));
  const path = apiPath(place, 'data');
  const method = cx.flags.text('method') ?? 'patch';
  if (method !== 'patch' && method !== 'rw') throw new CofferError('usage', '-method: expected patch or rw');
  if (method === 'rw') return showVersion(cx, await readAndWrite(cx, place, change), path);
  const answer = await absent(cx.send({ method: 'PATCH', path, body: { data: change, options: casOf(cx) } }));
  return answer === undefined ? cx.nothing(`No value found at ${path}`) : showVersion(cx, answer, path);
};

const wholeNumber = /^[0-9]{1,15}$/;

export const versionsOf = (cx: Cx): readonly number[] =>
  (cx.flags.list('versions') ?? []).map(one => {
    if (!wholeNumber.test(one)) throw new CofferError('usage', '-versions: expected whole numbers with commas between');
    return Number(one);
  });

const remove = async (cx: Cx): Promise<number> => {
  const place = await placeOf(cx);
  const versions = versionsOf(cx);
  const path = apiPath(place, 'data');
  if (versions.length === 0) await cx.send({ method: 'DELETE', path });
  else await cx.send({ method: 'PUT', path: apiPath(needsVersions(place), 'delete'), body: { versions } });
  return cx.success(`Data deleted (if it existed) at: ${path}`);
};

const changeVersions = async (cx: Cx, folder: 'undelete' | 'destroy'): Promise<number> => {
  const versions = versionsOf(cx);
  if (versions.length === 0) throw new CofferError('usage', 'No versions provided, use the "-versions" flag');
  const path = apiPath(needsVersions(await placeOf(cx)), folder);
  await cx.send({ method: 'PUT', path, body: { versions } });
  return cx.success(`Data written to: ${path}`);
};

const listKeys = async (cx: Cx): Promise<number> => {
  const path = apiPath(await placeOf(cx), 'metadata');
  const folder = path.endsWith('/') ? path : `${path}/`;
  return listAnswer(cx, await absent(cx.send({ method: 'LIST', path: folder })), path);
};

const newestVersion = async (cx: Cx, place: Place): Promise<number> => {
  const answer = await (await cx.questions()).read(apiPath(place, 'metadata'));
  const version = answer?.data?.get('current_version');
  if (!(version instanceof JsonNumber)) {
    throw new CofferError('not_found', `No value found at ${apiPath(place, 'metadata')}`);
  }
  return version.toNumber();
};

/** A new version with the data of an older one; only if nobody wrote in between. */
const rollback = async (cx: Cx): Promise<number> => {
  const version = cx.flags.number('version');
  if (version === undefined || version < 1) throw new CofferError('usage', 'Version must be given with -version=N');
  const place = needsVersions(await placeOf(cx));
  const path = apiPath(place, 'data');
  const cas = await newestVersion(cx, place);
  const old = await (await cx.questions()).read(path, new Map([['version', String(version)]]));
  const data = objectIn(old?.data ?? new Map(), 'data');
  if (data === undefined)
    throw new CofferError('not_found', `version ${version} of ${path} is deleted or was never there`);
  return showVersion(cx, await cx.send({ method: 'PUT', path, body: { data, options: { cas } } }), path);
};

const enableVersioning = async (cx: Cx): Promise<number> => {
  const mount = cx.arg(0).replace(/\/$/, '');
  await cx.send({ method: 'PUT', path: `sys/mounts/${mount}/tune`, body: { options: { version: '2' } } });
  return cx.success(`Tuned the secrets engine at: ${mount}/`);
};

const cas = { cas: number('Write only if this is the newest version; 0: only if there is none') };
const versions = { versions: list('Versions, with commas between') };

export const kvCommands: readonly Command[] = [
  command({
    name: 'kv put',
    args: 'PATH K=V...',
    summary: 'Write a secret, or a new version of it',
    flags: { ...mountFlag, ...cas },
    count: [1, noLimit],
    doing: ([path = '']) => `writing data to ${path}`,
    seeks: placeSeeks,
    run: put,
  }),
  command({
    name: 'kv get',
    args: 'PATH',
    summary: 'Read a secret',
    flags: { ...mountFlag, version: number('Version to read; 0 is the newest') },
    count: [1, 1],
    doing: ([path = '']) => `reading ${path}`,
    seeks: placeSeeks,
    run: get,
  }),
  command({
    name: 'kv patch',
    args: 'PATH K=V...',
    summary: 'Change some values of a secret and keep the others',
    flags: { ...mountFlag, ...cas, method: text('How', { values: ['patch', 'rw'], default: 'patch' }) },
    count: [1, noLimit],
    doing: ([path = '']) => `writing data to ${path}`,
    seeks: placeSeeks,
    run: patch,
  }),
  command({
    name: 'kv delete',
    args: 'PATH',
    summary: 'Delete the newest version of a secret, or those named',
    flags: { ...mountFlag, ...versions },
    count: [1, 1],
    doing: ([path = '']) => `deleting ${path}`,
    seeks: placeSeeks,
    run: remove,
  }),
  command({
    name: 'kv undelete',
    args: 'PATH',
    summary: 'Bring deleted versions back',
    flags: { ...mountFlag, ...versions },
    count: [1, 1],
    doing: ([path = '']) => `writing data to ${path}`,
    seeks: placeSeeks,
    run: cx => changeVersions(cx, 'undelete'),
  }),
  command({
    name: 'kv destroy',
    args: 'PATH',
    summary: 'Remove the values of versions for good',
    flags: { ...mountFlag, ...versions },
    count: [1, 1],
    doing: ([path = '']) => `writing data to ${path}`,
    seeks: placeSeeks,
    run: cx => changeVersions(cx, 'destroy'),
  }),
  command({
    name: 'kv list',
    args: '[PATH]',
    summary: 'List secrets',
    flags: mountFlag,
    count: [0, 1],
    doing: ([path = '']) => `listing ${path}`,
    seeks: placeSeeks,
    run: listKeys,
  }),
  command({
    name: 'kv rollback',
    args: 'PATH',
    summary: 'Write an older version again as the newest',
    flags: { ...mountFlag, version: number('Version whose data is written again') },
    count: [1, 1],
    doing: ([path = '']) => `rolling back ${path}`,
    seeks: placeSeeks,
    run: rollback,
  }),
  command({
    name: 'kv enable-versioning',
    args: 'MOUNT',
    summary: 'Let a mount without versions keep them from now on',
    count: [1, 1],
    doing: ([path = '']) => `tuning secrets engine ${path}`,
    run: enableVersioning,
  }),
];
