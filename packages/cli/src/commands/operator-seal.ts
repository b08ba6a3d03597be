/** `operator unseal`, `seal`, `step-down`, `rotate`, `key-status`. */
import { objectIn, textIn } from '@coffer/client/members.ts';
import type { Answer } from '@coffer/client/answer.ts';
import { askSecret } from '../ask.ts';
import { type Command, command } from '../command.ts';
import type { Cx } from '../cx.ts';
import { bool } from '../flags.ts';
import { cell } from '../format/cell.ts';
import { shortTime } from '../format/duration.ts';
import { columns } from '../format/table.ts';
import { showStatus } from './status.ts';

const unseal = async (cx: Cx): Promise<number> => {
  const path = 'sys/unseal';
  if (cx.flags.bool('reset')) return showStatus(cx, await cx.send({ method: 'PUT', path, body: { reset: true } }));
  const key = await askSecret(cx, cx.args[0], 'Unseal Key');
  const migrate = cx.flags.bool('migrate') ? { migrate: true } : {};
  return showStatus(cx, await cx.send({ method: 'PUT', path, body: { key, ...migrate } }));
};

const seal = async (cx: Cx): Promise<number> => {
  await cx.send({ method: 'PUT', path: 'sys/seal' });
  return cx.success('Coffer is sealed.');
};

const stepDown = async (cx: Cx): Promise<number> => {
  const { warnings } = await cx.send({ method: 'PUT', path: 'sys/step-down' });
  // A server that has nobody to lead in its place says so; that is no success to report.
  return warnings.length > 0 ? 0 : cx.success('Stepped down');
};

const showKey = (cx: Cx, answer: Answer, head: string): number => {
  const data = objectIn(answer.body, 'data') ?? answer.body;
  const table = (): string =>
    head +
    columns([
      ['Key Term', cell(data.get('term'))],
      ['Install Time', shortTime(textIn(data, 'install_time'))],
      ['Encryption Count', cell(data.get('encryptions'))],
    ]);
  return cx.result({ json: data, table, fields: [...data] });
};

const keyStatus = async (cx: Cx): Promise<number> =>
  showKey(cx, await cx.send({ method: 'GET', path: 'sys/key-status' }), '');

const rotate = async (cx: Cx): Promise<number> => {
  await cx.send({ method: 'PUT', path: 'sys/rotate' });
  const answer = await (await cx.questions()).request({ method: 'GET', path: 'sys/key-status' });
  return showKey(cx, answer, 'Success! Rotated key\n\n');
};

export const operatorSealCommands: readonly Command[] = [
  command({
    name: 'operator unseal',
    args: '[KEY|-]',
    summary: 'Give one unseal key; asks for it where it is not given',
    flags: {
      reset: bool('Forget the keys given so far'),
      migrate: bool('Move the store to another seal'),
    },
    count: [0, 1],
    idle: ['wrap-ttl'],
    doing: () => 'unsealing',
    run: unseal,
  }),
  command({ name: 'operator seal', summary: 'Seal the server', doing: () => 'sealing', run: seal }),
  command({
    name: 'operator step-down',
    summary: 'Let another node become active',
    doing: () => 'stepping down',
    run: stepDown,
  }),
  command({
    name: 'operator rotate',
    summary: 'Encrypt what is written from now on under a new key',
    doing: () => 'rotating key',
    run: rotate,
  }),
  command({
    name: 'operator key-status',
    summary: 'Show the term of the encryption key',
    doing: () => 'reading key status',
    run: keyStatus,
  }),
];
