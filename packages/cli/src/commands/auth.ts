/** Auth methods: list, enable, disable, tune, move, help. */
import { type Command, command } from '../command.ts';
import type { Cx } from '../cx.ts';
import type { FlagSpecs } from '../flags.ts';
import { configFlags, enableBody, enableFlags, folder, tokenTypeFlag, tuneBody } from './mount-flags.ts';
import { authDetails, authTable } from './mount-tables.ts';
import { move } from './secrets.ts';

const list = async (cx: Cx): Promise<number> => {
  const data = (await cx.send({ method: 'GET', path: 'sys/auth' })).data ?? new Map();
  const table = cx.settings.bool('detailed') ? authDetails : authTable;
  return cx.result({ json: data, table: () => table(data), fields: [...data] });
};

const enable = async (cx: Cx): Promise<number> => {
  const type = cx.arg(0).trim();
  const path = folder(cx.flags.text('path') ?? type);
  const body = enableBody(cx, type);
  const options = cx.flags.pairs('options');
  if (options !== undefined) body.set('options', options);
  await cx.send({ method: 'PUT', path: `sys/auth/${path.slice(0, -1)}`, body });
  return cx.success(`Enabled ${type} auth method at: ${path}`);
};

const disable = async (cx: Cx): Promise<number> => {
  const path = folder(cx.arg(0));
  await cx.send({ method: 'DELETE', path: `sys/auth/${path.slice(0, -1)}` });
  return cx.success(`Disabled the auth method (if it existed) at: ${path}`);
};

const tune = async (cx: Cx): Promise<number> => {
  const path = folder(cx.arg(0));
  await cx.send({ method: 'PUT', path: `sys/auth/${path}tune`, body: tuneBody(cx) });
  return cx.success(`Tuned the auth method at: ${path}`);
};

const moveMount = async (cx: Cx): Promise<number> => {
  const id = await move(cx, 'auth/');
  return cx.success(`Started moving auth method ${folder(cx.arg(0))} to ${folder(cx.arg(1))}, with migration ID ${id}`);
};

/** How each method that needs more than a token is used from here. */
const usages: ReadonlyMap<string, string> = new Map([
  ['token', 'coffer login TOKEN, or "coffer login" to be asked for it, or "coffer login -" to read standard input.'],
  [
    'kubernetes',
    'coffer login -method=kubernetes [-path=MOUNT] role=ROLE [jwt=@FILE]\nIn a pod the token of its ServiceAccount is taken where jwt is left out.',
  ],
]);

const usage = (method: string): string =>
  usages.get(method) ??
  `coffer login -method=${method} [-path=MOUNT] KEY=VALUE...\nThe values are sent to auth/${method}/login; see "coffer path-help auth/${method}/login".`;

const help = async (cx: Cx): Promise<number> => {
  const method = cx.arg(0).replace(/\/$/, '');
  return cx.result({
    json: new Map([['help', usage(method)]]),
    table: () => usage(method),
    fields: [['help', usage(method)]],
  });
};

const flags: FlagSpecs = { ...configFlags, ...tokenTypeFlag };
const atPath = { args: 'PATH', count: [1, 1] as const };

export const authCommands: readonly Command[] = [
  command({
    name: 'auth list',
    summary: 'List auth methods',
    doing: () => 'listing enabled authentications',
    run: list,
  }),
  command({
    name: 'auth enable',
    args: 'TYPE',
    summary: 'Enable an auth method',
    flags: { ...enableFlags, ...flags },
    count: [1, 1],
    doing: ([type = '']) => `enabling ${type} auth`,
    run: enable,
  }),
  command({
    ...atPath,
    name: 'auth disable',
    summary: 'Disable an auth method and end what it logged in',
    doing: ([path = '']) => `disabling auth method at ${path}`,
    run: disable,
  }),
  command({
    ...atPath,
    name: 'auth tune',
    summary: 'Change how an auth method is mounted',
    flags,
    doing: ([path = '']) => `tuning auth method ${path}`,
    run: tune,
  }),
  command({
    name: 'auth move',
    args: 'FROM TO',
    summary: 'Move an auth method to another path',
    count: [2, 2],
    doing: ([path = '']) => `moving auth method ${path}`,
    run: moveMount,
  }),
  command({
    name: 'auth help',
    args: 'METHOD',
    summary: 'Explain how to log in by a method',
    count: [1, 1],
    run: help,
  }),
];
