/** Policies: list, read, write, delete, fmt. */
import { absent } from '@coffer/client/absent.ts';
import { textIn, textsIn } from '@coffer/client/members.ts';
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { DataArgs } from '../data-args.ts';
import { plainList } from '../format/list.ts';
import { formatPolicy } from '../format/policy.ts';

const nameOf = (cx: Cx): string => cx.arg(0).trim().toLowerCase();

const list = async (cx: Cx): Promise<number> => {
  const answer = await cx.send({ method: 'LIST', path: 'sys/policies/acl' });
  return plainList(cx, answer.data === undefined ? [] : textsIn(answer.data, 'keys'));
};

const read = async (cx: Cx): Promise<number> => {
  const answer = await absent(cx.send({ method: 'GET', path: `sys/policies/acl/${nameOf(cx)}` }));
  if (answer?.data === undefined) return cx.nothing(`No policy named: ${nameOf(cx)}`);
  const policy = textIn(answer.data, 'policy');
  return cx.result({ json: new Map([['policy', policy]]), table: () => policy.trimEnd(), fields: [...answer.data] });
};

const write = async (cx: Cx): Promise<number> => {
  const given = cx.arg(1);
  const source = given === '-' || given.startsWith('@') ? given : `@${given}`;
  const policy = await new DataArgs(cx.io).value(source, given === '-' ? 'standard input' : given);
  await cx.send({ method: 'PUT', path: `sys/policies/acl/${nameOf(cx)}`, body: { policy } });
  return cx.success(`Uploaded policy: ${nameOf(cx)}`);
};

const remove = async (cx: Cx): Promise<number> => {
  await cx.send({ method: 'DELETE', path: `sys/policies/acl/${nameOf(cx)}` });
  return cx.success(`Deleted policy: ${nameOf(cx)}`);
};

const format = async (cx: Cx): Promise<number> => {
  const path = cx.arg(0);
  const source = path === '-' ? '-' : `@${path}`;
  const formatted = formatPolicy(await new DataArgs(cx.io).value(source, path), path);
  if (path === '-') {
    cx.io.out(formatted);
    return exits.ok;
  }
  await cx.io.files.write(path, new TextEncoder().encode(formatted), 'kept');
  return cx.success(`Formatted policy: ${path}`);
};

const named = { args: 'NAME', count: [1, 1] as const };

export const policyCommands: readonly Command[] = [
  command({ name: 'policy list', summary: 'List policies', doing: () => 'listing policies', run: list }),
  command({
    ...named,
    name: 'policy read',
    summary: 'Print a policy',
    doing: ([name = '']) => `reading policy named ${name}`,
    run: read,
  }),
  command({
    name: 'policy write',
    args: 'NAME FILE|-',
    summary: 'Write a policy from a file or standard input',
    count: [2, 2],
    doing: () => 'uploading policy',
    run: write,
  }),
  command({ ...named, name: 'policy delete', summary: 'Delete a policy', doing: () => 'deleting policy', run: remove }),
  command({
    name: 'policy fmt',
    args: 'FILE|-',
    summary: 'Indent a policy file in one way, comments kept',
    count: [1, 1],
    doing: ([path = '']) => `formatting ${path}`,
    run: format,
  }),
];
