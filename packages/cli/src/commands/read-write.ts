/** Any path of the API, by verb: read, write, patch, delete, list, path-help, unwrap. */
import { absent } from '@coffer/client/absent.ts';
import { isObject } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Answer } from '@coffer/client/answer.ts';
import { checkToken } from '@coffer/client/options.ts';
import { cleanPath } from '@coffer/client/path.ts';
import { type Command, command, noLimit } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { DataArgs } from '../data-args.ts';
import { bool } from '../flags.ts';
import { answerFields } from '../format/answer.ts';
import { listAnswer } from '../format/list.ts';
import { inPath } from '../missing-mount.ts';

/** Query parameters from `k=v` arguments. */
const queryOf = async (cx: Cx, args: readonly string[]): Promise<ReadonlyMap<string, string | readonly string[]>> => {
  const query = new Map<string, string | readonly string[]>();
  for (const [name, value] of await new DataArgs(cx.io).read(args)) query.set(name, queryValue(name, value));
  return query;
};

const queryValue = (name: string, value: Out): string | readonly string[] => {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(String);
  throw new CofferError('usage', `${name}: expected text for a query parameter`);
};

const read = async (cx: Cx): Promise<number> => {
  const path = cleanPath(cx.arg(0));
  const answer = await absent(cx.send({ method: 'GET', path, query: await queryOf(cx, cx.args.slice(1)) }));
  return answer === undefined || isNothing(answer)
    ? cx.absence(answer, `No value found at ${path}`)
    : cx.answer(answer);
};

/** Only warnings came, such as those for a path that its mount does not have. */
const isNothing = (answer: Answer): boolean => answer.status === 404 && answer.data === undefined;

const hasContent = (answer: Answer): boolean => answer.bytes().length > 0;

/** Where only warnings came, people are told what was done as well. */
const hasResult = (cx: Cx, answer: Answer): boolean =>
  hasContent(answer) && (cx.format !== 'table' || answerFields(answer).length > 0);

const send = async (cx: Cx, method: 'PUT' | 'PATCH'): Promise<number> => {
  const path = cleanPath(cx.arg(0));
  const args = cx.args.slice(1);
  if (args.length === 0 && !cx.flags.bool('force')) {
    throw new CofferError('usage', 'Must supply data or use -force');
  }
  const body = await new DataArgs(cx.io).read(args);
  const answer = await cx.send({ method, path, body });
  return hasResult(cx, answer) ? cx.answer(answer) : cx.success(`Data written to: ${path}`);
};

const remove = async (cx: Cx): Promise<number> => {
  const path = cleanPath(cx.arg(0));
  const answer = await cx.send({ method: 'DELETE', path, query: await queryOf(cx, cx.args.slice(1)) });
  return hasResult(cx, answer) ? cx.answer(answer) : cx.success(`Data deleted (if it existed) at: ${path}`);
};

const list = async (cx: Cx): Promise<number> => {
  const path = cleanPath(cx.arg(0));
  const folder = path.endsWith('/') ? path : `${path}/`;
  return listAnswer(cx, await absent(cx.send({ method: 'LIST', path: folder })), folder);
};

const pathHelp = async (cx: Cx): Promise<number> => {
  const path = cleanPath(cx.arg(0));
  const answer = await cx.send({ method: 'GET', path, query: new Map([['help', '1']]) });
  const help = answer.body.get('help') ?? answer.data?.get('help');
  if (typeof help !== 'string') return cx.nothing(`No help for ${path}`);
  return cx.result({ json: answer.body, table: () => help.trimEnd(), fields: [['help', help]] });
};

const unwrapToken = async (cx: Cx): Promise<ReturnType<typeof checkToken>> => {
  if (cx.args.length === 0) return undefined;
  const given = cx.arg(0) === '-' ? await new DataArgs(cx.io).value('-', 'wrapping token') : cx.arg(0);
  return checkToken(given);
};

const unwrap = async (cx: Cx): Promise<number> => {
  const token = await unwrapToken(cx);
  const own = (await cx.questions()).token;
  const body = token === undefined || own === undefined ? {} : { token };
  const sender = own === undefined ? token : undefined;
  const answer = await cx.send({ method: 'PUT', path: 'sys/wrapping/unwrap', body, token: sender });
  if (!hasContent(answer)) return cx.success('The wrapped answer had no content');
  return isObject(answer.body) ? cx.answer(answer) : exits.ok;
};

/** The first argument is a path. */
const seeks = async (cx: Cx) => [inPath(cx.arg(0))];

const force = { force: bool('Send without data', { alias: 'f' }) };

export const readWriteCommands: readonly Command[] = [
  command({
    name: 'read',
    args: 'PATH [K=V...]',
    summary: 'Read data from a path',
    count: [1, noLimit],
    doing: ([path = '']) => `reading ${path}`,
    seeks,
    run: read,
  }),
  command({
    name: 'write',
    args: 'PATH [K=V...]',
    summary: 'Write data to a path',
    details:
      'Data: K=V, K=@FILE, K=- (standard input), @FILE or - (a JSON object). A value that begins with @ is written \\@.',
    flags: force,
    count: [1, noLimit],
    doing: ([path = '']) => `writing data to ${path}`,
    seeks,
    run: cx => send(cx, 'PUT'),
  }),
  command({
    name: 'patch',
    args: 'PATH [K=V...]',
    summary: 'Change some members of the data at a path',
    flags: force,
    count: [1, noLimit],
    doing: ([path = '']) => `patching data at ${path}`,
    seeks,
    run: cx => send(cx, 'PATCH'),
  }),
  command({
    name: 'delete',
    args: 'PATH [K=V...]',
    summary: 'Delete what is at a path',
    count: [1, noLimit],
    doing: ([path = '']) => `deleting ${path}`,
    seeks,
    run: remove,
  }),
  command({
    name: 'list',
    args: 'PATH',
    summary: 'List the names below a path',
    count: [1, 1],
    doing: ([path = '']) => `listing ${path}`,
    seeks,
    run: list,
  }),
  command({
    name: 'path-help',
    args: 'PATH',
    summary: 'Explain what a path of the API does',
    count: [1, 1],
    doing: ([path = '']) => `retrieving help for ${path}`,
    run: pathHelp,
  }),
  command({
    name: 'unwrap',
    args: '[TOKEN|-]',
    summary: 'Open a wrapping token: works once',
    // What was opened is not kept back again; a token must not be lost to a variable of the environment.
    idle: ['wrap-ttl'],
    count: [0, 1],
    doing: () => 'unwrapping',
    run: unwrap,
  }),
];
