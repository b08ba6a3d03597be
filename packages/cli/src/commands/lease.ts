/** Leases: look-up, list, renewal and revocation. */
import { CofferError } from '@coffer/schema/errors.ts';
import { absent } from '@coffer/client/absent.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { type Command, command } from '../command.ts';
import type { Cx } from '../cx.ts';
import { bool, text } from '../flags.ts';
import { answerFields, type Field, fieldRows } from '../format/answer.ts';
import { humanSeconds } from '../format/duration.ts';
import { envelope } from '../format/json.ts';
import { keyValue } from '../format/table.ts';
import { listAnswer } from '../format/list.ts';

const trimmed = (prefix: string): string => prefix.replace(/^\/+|\/+$/g, '');

/** Seconds as people read them, in the table alone. */
const shown = ([name, value]: Field): Field =>
  name === 'ttl' && value instanceof JsonNumber ? [name, humanSeconds(value.toNumber())] : [name, value];

const lookup = async (cx: Cx): Promise<number> => {
  const answer = await cx.send({ method: 'PUT', path: 'sys/leases/lookup', body: { lease_id: cx.arg(0) } });
  const fields = answerFields(answer);
  return cx.result({ json: envelope(answer.body), table: () => keyValue(fieldRows(fields.map(shown))), fields });
};

const list = async (cx: Cx): Promise<number> => {
  const prefix = trimmed(cx.arg(0));
  const path = prefix === '' ? 'sys/leases/lookup' : `sys/leases/lookup/${prefix}/`;
  return listAnswer(cx, await absent(cx.send({ method: 'LIST', path })), path);
};

const renew = async (cx: Cx): Promise<number> => {
  const increment = cx.flags.text('increment');
  const more = increment === undefined || increment === '' ? {} : { increment };
  return cx.answer(await cx.send({ method: 'PUT', path: 'sys/leases/renew', body: { lease_id: cx.arg(0), ...more } }));
};

const queued = 'All revocation operations queued successfully!';
const forceWarning = 'Leases are forgotten whatever their engines say: what they made outside may live on.';

const revokePrefix = async (cx: Cx, sync: boolean): Promise<number> => {
  const prefix = trimmed(cx.arg(0));
  if (prefix === '') throw new CofferError('usage', 'Must give the path that the leases begin with');
  const force = cx.flags.bool('force');
  if (force) cx.warn(forceWarning);
  await cx.send({ method: 'PUT', path: `sys/leases/revoke-${force ? 'force' : 'prefix'}/${prefix}`, body: { sync } });
  return cx.success(sync ? `Revoked any leases with prefix: ${prefix}` : queued);
};

const revoke = async (cx: Cx): Promise<number> => {
  const sync = cx.flags.bool('sync');
  if (cx.flags.bool('prefix')) return revokePrefix(cx, sync);
  if (cx.flags.bool('force')) throw new CofferError('usage', 'Specifying -force requires also specifying -prefix');
  await cx.send({ method: 'PUT', path: 'sys/leases/revoke', body: { lease_id: cx.arg(0), sync } });
  return cx.success(sync ? `Revoked lease: ${cx.arg(0)}` : queued);
};

export const leaseCommands: readonly Command[] = [
  command({
    name: 'lease lookup',
    args: 'ID',
    summary: 'Show a lease',
    count: [1, 1],
    doing: ([id = '']) => `looking up lease id ${id}`,
    run: lookup,
  }),
  command({
    name: 'lease list',
    args: '[PREFIX]',
    summary: 'List leases and folders of them',
    details:
      'A lease’s id is the path that gave it and a name of its own: PREFIX is such a path, or the beginning of one.',
    count: [0, 1],
    doing: ([prefix = '']) => `listing leases ${prefix}`.trimEnd(),
    run: list,
  }),
  command({
    name: 'lease renew',
    args: 'ID',
    summary: 'Make a lease last longer',
    flags: { increment: text('Time asked for, from now: 1h, 3600') },
    count: [1, 1],
    doing: ([id = '']) => `renewing ${id}`,
    run: renew,
  }),
  command({
    name: 'lease revoke',
    args: 'ID',
    summary: 'End leases, and what was made under them',
    flags: {
      prefix: bool('The argument is a path: all leases below it'),
      force: bool('Forget them even where their engine fails; only with -prefix'),
      sync: bool('Wait until the engine is done'),
    },
    count: [1, 1],
    doing: ([id = '']) => `revoking ${id}`,
    run: revoke,
  }),
];
