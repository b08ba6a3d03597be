/** `login`: gets a token by one of the auth methods and keeps it in the token file. */
import type { Answer } from '@coffer/client/answer.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { askSecret } from '../ask.ts';
import { type Command, command, noLimit } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { DataArgs } from '../data-args.ts';
import { bool, text } from '../flags.ts';
import { answerFields, type Field, fieldRows } from '../format/answer.ts';
import { cell } from '../format/cell.ts';
import { humanSeconds } from '../format/duration.ts';
import { envelope } from '../format/json.ts';
import { keyValue } from '../format/table.ts';
import { settingName } from '@coffer/client/environment.ts';
import { storeToken } from '../token-file.ts';

/** Where a method's login path ends in the user's name. */
const namedUsers: ReadonlySet<string> = new Set(['userpass', 'ldap', 'okta', 'radius']);
const methodName = /^[a-z][a-z0-9_-]{0,63}$/;

interface LoggedIn {
  readonly token: Secret;
  readonly fields: readonly Field[];
  readonly json: Json;
}

const durationOf = (value: Json | undefined): string => {
  const seconds = value instanceof JsonNumber ? value.toNumber() : 0;
  return seconds === 0 ? '∞' : humanSeconds(seconds);
};

const quoted = (value: Json | undefined): string =>
  Array.isArray(value) ? `[${value.map((one: Json) => JSON.stringify(cell(one))).join(' ')}]` : '[]';

/** The token method makes no token: it looks up the one it was given. */
const lookedUp = (answer: Answer, token: Secret): LoggedIn => {
  const data = answer.data ?? new Map<string, Json>();
  const fields: Field[] = [
    ['token', token.revealText()],
    ['token_accessor', data.get('accessor') ?? ''],
    ['token_duration', durationOf(data.get('ttl'))],
    ['token_renewable', data.get('renewable') ?? false],
    ['token_policies', quoted(data.get('policies'))],
    ['identity_policies', quoted(data.get('identity_policies'))],
    ['policies', quoted(data.get('policies'))],
  ];
  const auth = new Map<string, Json>([
    ['client_token', token.revealText()],
    ['accessor', data.get('accessor') ?? ''],
    ['policies', data.get('policies') ?? []],
    ['token_policies', data.get('policies') ?? []],
    ['identity_policies', data.get('identity_policies') ?? null],
    ['metadata', data.get('meta') ?? null],
    ['orphan', data.get('orphan') ?? false],
    ['entity_id', data.get('entity_id') ?? ''],
    ['lease_duration', data.get('ttl') ?? new JsonNumber('0')],
    ['renewable', data.get('renewable') ?? false],
  ]);
  return { token, fields, json: envelope(new Map<string, Json>([...answer.body, ['data', null], ['auth', auth]])) };
};

const byToken = async (cx: Cx): Promise<LoggedIn> => {
  const [first] = cx.args;
  const given = first?.startsWith('token=') === true ? first.slice('token='.length) : first;
  const token = await askSecret(cx, given, 'Token');
  if (token.length === 0) throw new CofferError('usage', 'Token: expected one, got nothing');
  const answer = await cx.send({ method: 'GET', path: 'auth/token/lookup-self', token });
  return lookedUp(answer, token);
};

const userOf = (data: ReadonlyMap<string, Out>): string => {
  const user = data.get('username');
  if (typeof user !== 'string' || user === '')
    throw new CofferError('usage', `'username' must be given as username=NAME`);
  return user;
};

const withPassword = async (cx: Cx, data: Map<string, Out>): Promise<void> => {
  if (!data.has('password')) data.set('password', await askSecret(cx, undefined, 'Password'));
};

/** Where Kubernetes puts the token of a pod's ServiceAccount. */
const podToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const utf8 = new TextDecoder();

const withPodToken = async (cx: Cx, data: Map<string, Out>): Promise<void> => {
  if (data.has('jwt')) return;
  const found = await cx.io.files.read(podToken);
  if (found === undefined)
    throw new CofferError('usage', `'jwt' must be given as jwt=@FILE: this is no pod, there is no ${podToken}`);
  data.set('jwt', Secret.of(utf8.decode(found).trim()));
};

/** What a method adds to the data that were given. */
const completing: ReadonlyMap<string, (cx: Cx, data: Map<string, Out>) => Promise<void>> = new Map([
  ['kubernetes', withPodToken],
]);

const byMethod = async (cx: Cx, method: string): Promise<LoggedIn | Answer> => {
  const data = new Map(await new DataArgs(cx.io).read(cx.args));
  const mount = (cx.flags.text('path') ?? method).replace(/\/$/, '');
  let path = `auth/${mount}/login`;
  if (namedUsers.has(method)) {
    path += `/${userOf(data)}`;
    data.delete('username');
    await withPassword(cx, data);
  }
  await completing.get(method)?.(cx, data);
  const answer = await cx.send({ method: 'PUT', path, body: data, token: null });
  if (answer.auth === undefined || answer.auth.token.length === 0) return answer;
  return { token: answer.auth.token, fields: answerFields(answer), json: envelope(answer.body) };
};

const told =
  'Success! You are now authenticated. The token below is kept for the commands that follow;\nthere is no need to log in again.\n\n';

const show = (cx: Cx, login: LoggedIn): number => {
  if (cx.flags.bool('token-only')) {
    cx.io.out(`${login.token.revealText()}\n`);
    return exits.ok;
  }
  const shown = cx.flags.bool('no-print') ? '' : keyValue(fieldRows(login.fields));
  const head = cx.flags.bool('no-store') ? 'Success! You are now authenticated.\n\n' : told;
  return cx.result({ json: login.json, table: () => (head + shown).trimEnd(), fields: login.fields });
};

const warnOfVariable = (cx: Cx): void => {
  const name = settingName(cx.io.env, 'TOKEN');
  if (name !== undefined && cx.io.env(name) !== '') {
    cx.warn(`${name} is set and takes the place of the token kept by this command. Unset it to use the new token.`);
  }
};

const login = async (cx: Cx): Promise<number> => {
  const method = cx.flags.text('method') ?? 'token';
  if (!methodName.test(method)) throw new CofferError('usage', '-method: expected the name of an auth method');
  const result = method === 'token' ? await byToken(cx) : await byMethod(cx, method);
  if (!('fields' in result)) return cx.answer(result);
  if (!cx.flags.bool('no-store') && !cx.flags.bool('token-only')) {
    await storeToken(cx.io, result.token);
    warnOfVariable(cx);
  }
  return show(cx, result);
};

export const loginCommands: readonly Command[] = [
  command({
    name: 'login',
    args: '[TOKEN|-|K=V...]',
    summary: 'Log in and keep the token',
    flags: {
      method: text('Auth method', { default: 'token' }),
      path: text('Mount of the auth method, where it is not named after the method'),
      'no-store': bool('Do not keep the token'),
      'no-print': bool('Do not print the token'),
      'token-only': bool('Print the token alone and do not keep it'),
    },
    count: [0, noLimit],
    doing: () => 'authenticating',
    run: login,
  }),
];
