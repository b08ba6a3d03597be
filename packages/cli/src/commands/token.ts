/** Tokens: create, lookup, renew, revoke, capabilities; and the token in use. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Answer } from '@coffer/client/answer.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { bool, list, number, pairs, text } from '../flags.ts';
import { cell } from '../format/cell.ts';
import { DataArgs } from '../data-args.ts';
import { currentToken } from '../token-file.ts';

const setText = (cx: Cx, body: Map<string, Out>, flag: string): void => {
  const value = cx.flags.text(flag);
  if (value !== undefined && value !== '') body.set(flag.replaceAll('-', '_'), value);
};

const createBody = (cx: Cx): ReadonlyMap<string, Out> => {
  const body = new Map<string, Out>();
  const policies = cx.flags.list('policy');
  if (policies !== undefined) body.set('policies', policies);
  for (const flag of ['id', 'ttl', 'explicit-max-ttl', 'period', 'display-name', 'type', 'entity-alias'])
    setText(cx, body, flag);
  const uses = cx.flags.number('use-limit');
  if (uses !== undefined) body.set('num_uses', uses);
  if (cx.flags.bool('orphan')) body.set('no_parent', true);
  if (cx.flags.bool('no-default-policy')) body.set('no_default_policy', true);
  if (cx.flags.has('renewable')) body.set('renewable', cx.flags.bool('renewable'));
  const meta = cx.flags.pairs('metadata');
  if (meta !== undefined) body.set('meta', meta);
  return body;
};

const create = async (cx: Cx): Promise<number> => {
  const role = cx.flags.text('role');
  const path = role === undefined || role === '' ? 'auth/token/create' : `auth/token/create/${role}`;
  return cx.answer(await cx.send({ method: 'PUT', path, body: createBody(cx) }));
};

/** A token given as `-` is read from standard input, so that it need not stand in the arguments. */
const tokenArgument = (cx: Cx): Promise<string> =>
  new DataArgs(cx.io).value(cx.arg(0), 'token').then(one => one.trim());

const lookup = async (cx: Cx): Promise<number> => {
  if (cx.args.length === 0 && !cx.flags.bool('accessor')) {
    return cx.answer(await cx.send({ method: 'GET', path: 'auth/token/lookup-self' }));
  }
  if (cx.args.length === 0) throw new CofferError('usage', 'Must give an accessor with -accessor');
  const given = await tokenArgument(cx);
  if (!cx.flags.bool('accessor')) {
    return cx.answer(await cx.send({ method: 'PUT', path: 'auth/token/lookup', body: { token: given } }));
  }
  return cx.answer(await cx.send({ method: 'PUT', path: 'auth/token/lookup-accessor', body: { accessor: given } }));
};

const renew = async (cx: Cx): Promise<number> => {
  const increment = cx.flags.text('increment');
  const more = increment === undefined ? {} : { increment };
  if (cx.args.length === 0) {
    return cx.answer(await cx.send({ method: 'PUT', path: 'auth/token/renew-self', body: more }));
  }
  const given = await tokenArgument(cx);
  const path = cx.flags.bool('accessor') ? 'auth/token/renew-accessor' : 'auth/token/renew';
  const named = cx.flags.bool('accessor') ? { accessor: given } : { token: given };
  return cx.answer(await cx.send({ method: 'PUT', path, body: { ...named, ...more } }));
};

const revokeMode = (cx: Cx, suffix: string): string => {
  const mode = cx.flags.text('mode') ?? '';
  if (mode === '') return `revoke${suffix}`;
  if (mode === 'orphan' && suffix === '') return 'revoke-orphan';
  throw new CofferError('usage', '-mode: expected orphan, and no -accessor or -self beside it');
};

const revoke = async (cx: Cx): Promise<number> => {
  const self = cx.flags.bool('self');
  if (self && cx.args.length > 0) throw new CofferError('usage', 'Too many arguments with -self (expected 0)');
  if (!self && cx.args.length === 0)
    throw new CofferError('usage', 'Must give a token, an accessor with -accessor, or -self');
  const accessor = cx.flags.bool('accessor');
  const path = `auth/token/${revokeMode(cx, self ? '-self' : accessor ? '-accessor' : '')}`;
  const given = self ? '' : await tokenArgument(cx);
  const body = self ? {} : accessor ? { accessor: given } : { token: given };
  await cx.send({ method: 'PUT', path, body });
  return cx.success('Revoked token (if it existed)');
};

const capabilityList = (answer: Answer, path: string): readonly Json[] => {
  const found = answer.data?.get(path) ?? answer.data?.get('capabilities') ?? answer.body.get('capabilities');
  return Array.isArray(found) ? (found as readonly Json[]) : [];
};

const capabilities = async (cx: Cx): Promise<number> => {
  const accessor = cx.flags.bool('accessor');
  if (accessor && cx.args.length < 2) throw new CofferError('usage', 'Must give ACCESSOR and PATH with -accessor');
  const self = cx.args.length === 1;
  const path = cx.arg(self ? 0 : 1);
  const suffix = self ? '-self' : accessor ? '-accessor' : '';
  const given = self ? '' : await tokenArgument(cx);
  const named = self ? {} : accessor ? { accessor: given } : { token: given };
  const answer = await cx.send({ method: 'PUT', path: `sys/capabilities${suffix}`, body: { ...named, paths: [path] } });
  const found = capabilityList(answer, path);
  return cx.result({ json: found, table: () => found.map(cell).join(', '), fields: [['capabilities', found]] });
};

const printToken = async (cx: Cx): Promise<number> => {
  const token = await currentToken(cx.io);
  if (token !== undefined) cx.io.out(`${token.revealText()}\n`);
  return exits.ok;
};

const accessor = { accessor: bool('The argument is an accessor') };

export const tokenCommands: readonly Command[] = [
  command({
    name: 'token create',
    summary: 'Make a token',
    flags: {
      id: text('Its id, in place of a random one'),
      'display-name': text('A name that audit shows'),
      ttl: text('How long it lives, such as 1h'),
      'explicit-max-ttl': text('How long it lives at most, renewals included'),
      period: text('Renewable for ever, each time for this long'),
      renewable: bool('May be renewed', { default: 'true' }),
      orphan: bool('Has no parent, and is not revoked with it'),
      'no-default-policy': bool('Without the policy "default"'),
      'use-limit': number('How many requests it serves; 0: any number'),
      role: text('Make it by this role'),
      type: text('Its type', { values: ['service', 'batch'], default: 'service' }),
      metadata: pairs('A key and value for audit; may be repeated'),
      policy: list('A policy; may be repeated'),
      'entity-alias': text('The alias of the entity to tie it to'),
    },
    doing: () => 'creating token',
    run: create,
  }),
  command({
    name: 'token lookup',
    args: '[TOKEN|ACCESSOR|-]',
    summary: 'Show what is known of a token',
    flags: accessor,
    count: [0, 1],
    doing: () => 'looking up token',
    run: lookup,
  }),
  command({
    name: 'token renew',
    args: '[TOKEN|ACCESSOR|-]',
    summary: 'Give a token more time',
    flags: { ...accessor, increment: text('How much, such as 1h', { alias: 'i' }) },
    count: [0, 1],
    doing: () => 'renewing token',
    run: renew,
  }),
  command({
    name: 'token revoke',
    args: '[TOKEN|ACCESSOR|-]',
    summary: 'End a token, and those made with it',
    flags: {
      ...accessor,
      self: bool('The token in use'),
      mode: text('orphan: keep those made with it', { values: ['orphan'] }),
    },
    count: [0, 1],
    doing: () => 'revoking token',
    run: revoke,
  }),
  command({
    name: 'token capabilities',
    args: '[TOKEN|ACCESSOR|-] PATH',
    summary: 'Show what a token may do at a path',
    flags: accessor,
    count: [1, 2],
    doing: () => 'listing capabilities',
    run: capabilities,
  }),
  command({ name: 'print token', summary: 'Print the token in use', run: printToken }),
];
