/** `monitor`: the server's log as it is written, until one of the two ends it. */
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { text } from '../flags.ts';

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
    details: 'Prints lines as they are written, until it is interrupted, the store is sealed, or the token ends.',
    flags: {
      'log-level': text('trace, debug, info, warn or error: lines of this level and above', { default: 'info' }),
      'log-format': text('standard or json', { default: 'standard' }),
    },
    idle: ['wrap-ttl', 'format', 'field'],
    doing: () => 'starting monitor',
    run: monitor,
  }),
];
