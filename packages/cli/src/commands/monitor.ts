/** `monitor`: the server's log as it is written, until one of the two ends it. */
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { text } from '../flags.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error'];

const monitor = async (cx: Cx): Promise<number> => {
  await cx.send({
    method: 'GET',
    path: 'sys/monitor',
    query: new Map([
      ['log_level', cx.flags.text('log-level') ?? 'info'],
      ['log_format', cx.flags.text('log-format') ?? 'standard'],
    ]),
    sink: piece => cx.io.out(piece),
  });
  return exits.ok;
};

export const monitorCommands: readonly Command[] = [
  command({
    name: 'monitor',
    summary: 'Follow the log of the server',
    details:
      'Prints lines as they are written from now on, until it is interrupted, the store is sealed, or the token ends.',
    flags: {
      'log-level': text('Lines of this level and above', { values: levels, default: 'info' }),
      'log-format': text('How lines are written', { values: ['standard', 'json'], default: 'standard' }),
    },
    idle: ['wrap-ttl', 'format', 'field'],
    doing: () => 'starting monitor',
    run: monitor,
  }),
];
