/** Secrets engines: list, enable, disable, tune, move. */
import { textIn } from '@coffer/client/members.ts';
import type { Out } from '@coffer/schema/out.ts';
import { type Command, command } from '../command.ts';
import { type Cx } from '../cx.ts';
import { bool, type FlagSpecs, number } from '../flags.ts';
import { configFlags, enableBody, enableFlags, folder, tuneBody } from './mount-flags.ts';
import { secretsDetails, secretsTable } from './mount-tables.ts';

const list = async (cx: Cx): Promise<number> => {
  const data = (await cx.send({ method: 'GET', path: 'sys/mounts' })).data ?? new Map();
  const table = cx.settings.bool('detailed') ? secretsDetails : secretsTable;
  return cx.result({ json: data, table: () => table(data), fields: [...data] });
};

const kvVersioned: ReadonlyMap<string, string> = new Map([
  ['kv-v1', '1'],
  ['kv-v2', '2'],
]);

const optionsOf = (cx: Cx, type: string): ReadonlyMap<string, Out> => {
  const options = new Map<string, Out>(cx.flags.pairs('options') ?? []);
  const version = cx.flags.number('version');
  if (version !== undefined) options.set('version', String(version));
  const named = kvVersioned.get(type);
  if (named !== undefined && !options.has('version')) options.set('version', named);
  return options;
};

const enable = async (cx: Cx): Promise<number> => {
  const given = cx.arg(0).trim();
  const type = kvVersioned.has(given) ? 'kv' : given;
  const path = folder(cx.flags.text('path') ?? type);
  const options = optionsOf(cx, given);
  const body = enableBody(cx, type);
  if (options.size > 0) body.set('options', options);
  await cx.send({ method: 'PUT', path: `sys/mounts/${path.slice(0, -1)}`, body });
  return cx.success(`Enabled the ${type} secrets engine at: ${path}`);
};

const disable = async (cx: Cx): Promise<number> => {
  const path = folder(cx.arg(0));
  await cx.send({ method: 'DELETE', path: `sys/mounts/${path.slice(0, -1)}` });
  return cx.success(`Disabled the secrets engine (if it existed) at: ${path}`);
};

const tune = async (cx: Cx): Promise<number> => {
  const path = folder(cx.arg(0));
  const body = tuneBody(cx);
  const version = cx.flags.number('version');
  if (version !== undefined)
    body.set('options', new Map<string, Out>([...(cx.flags.pairs('options') ?? []), ['version', String(version)]]));
  await cx.send({ method: 'PUT', path: `sys/mounts/${path}tune`, body });
  return cx.success(`Tuned the secrets engine at: ${path}`);
};

export const move = async (cx: Cx, start: string): Promise<string> => {
  const [from, to] = [cx.arg(0), cx.arg(1)].map(path => start + folder(path));
  const answer = await cx.send({ method: 'PUT', path: 'sys/remount', body: { from: from ?? '', to: to ?? '' } });
  return textIn(answer.data ?? new Map(), 'migration_id');
};

const moveMount = async (cx: Cx): Promise<number> => {
  const id = await move(cx, '');
  return cx.success(
    `Started moving secrets engine ${folder(cx.arg(0))} to ${folder(cx.arg(1))}, with migration ID ${id}`,
  );
};

const flags: FlagSpecs = {
  ...configFlags,
  'force-no-cache': bool('Keep nothing of it in memory'),
  version: number('Version of a kv mount: 1, or 2 to keep versions'),
};

export const secretsCommands: readonly Command[] = [
  command({ name: 'secrets list', summary: 'List secrets engines', doing: () => 'listing secrets engines', run: list }),
  command({
    name: 'secrets enable',
    args: 'TYPE',
    summary: 'Enable a secrets engine',
    flags: { ...enableFlags, ...flags },
    count: [1, 1],
    doing: () => 'enabling',
    run: enable,
  }),
  command({
    name: 'secrets disable',
    args: 'PATH',
    summary: 'Disable a secrets engine and delete its data',
    count: [1, 1],
    doing: ([path = '']) => `disabling secrets engine at ${path}`,
    run: disable,
  }),
  command({
    name: 'secrets tune',
    args: 'PATH',
    summary: 'Change how a secrets engine is mounted',
    flags,
    count: [1, 1],
    doing: ([path = '']) => `tuning secrets engine ${path}`,
    run: tune,
  }),
  command({
    name: 'secrets move',
    args: 'FROM TO',
    summary: 'Move a secrets engine to another path',
    count: [2, 2],
    doing: ([path = '']) => `moving secrets engine ${path}`,
    run: moveMount,
  }),
];
