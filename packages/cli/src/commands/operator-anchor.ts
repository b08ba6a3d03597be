/** `operator anchor`, `operator accept-rollback`. */
import { objectIn } from '@coffer/client/members.ts';
import { askSecret } from '../ask.ts';
import { type Command, command } from '../command.ts';
import type { Cx } from '../cx.ts';
import { cell } from '../format/cell.ts';
import { columns } from '../format/table.ts';

const show = async (cx: Cx): Promise<number> => {
  const { body } = await cx.send({ method: 'GET', path: 'sys/anchor' });
  const data = objectIn(body, 'data') ?? body;
  const table = (): string =>
    columns([
      ['Place', cell(data.get('place')) || 'none'],
      ['Marks', cell(data.get('marks'))],
      ['Doubt', cell(data.get('doubt')) || 'none'],
      ['Stuck', cell(data.get('stuck'))],
      ['Records', cell(data.get('records'))],
      ['Refused', cell(data.get('refused'))],
      ['Missing', cell(data.get('missing'))],
      ['Walks', cell(data.get('walks'))],
    ]);
  return cx.result({ json: data, table, fields: [...data] });
};

const accept = async (cx: Cx): Promise<number> => {
  const code = await askSecret(cx, cx.args[0], 'Code from the log of the server');
  await cx.send({ method: 'PUT', path: 'sys/anchor/accept', body: { code } });
  return cx.success('Accepted: the store serves again, as it is.');
};

export const operatorAnchorCommands: readonly Command[] = [
  command({
    name: 'operator anchor',
    summary: 'Show whether the store and its records are as new as they were',
    doing: () => 'reading the anchor',
    run: show,
  }),
  command({
    name: 'operator accept-rollback',
    args: '[CODE|-]',
    summary:
      'Accept a store, or records of it, that are not as new as they were; asks for the code where it is not given',
    count: [0, 1],
    idle: ['wrap-ttl'],
    doing: () => 'accepting the store',
    run: accept,
  }),
];
