/** The row `sys/monitor`: the server's log as it is written. */
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { cutAfter } from '../events/cut.ts';
import { callerOf, read } from './context.ts';
import { levelOf } from './loggers.ts';

const formatOf = (given: string): 'standard' | 'json' => {
  if (given === 'standard' || given === 'json') return given;
  throw new CofferError('invalid_request', 'unknown log format: expected standard or json');
};

export const monitorRows = [
  read(
    'monitor',
    {
      summary: 'Follow the log of this server',
      description:
        'Lines as they are written, from now on, of this level and above, whatever level the server itself writes down. Ends when the store is sealed, when the token may not read it any more, and for readers that are slower than the log.',
      answer: 'stream',
      rootNamespaceOnly: true,
      in: {
        log_level: t.string('trace, debug, info, warn or error', { default: 'info' }),
        log_format: t.string('standard or json', { default: 'standard' }),
      },
    },
    (cx, { log_level, log_format }) => {
      const { core, exchange } = cx;
      const monitor = core.monitors.follow({
        token: callerOf(cx).token,
        path: exchange.path,
        level: levelOf(log_level),
        format: formatOf(log_format),
      });
      return new Reply(undefined, {
        headers: { 'X-Accel-Buffering': 'no' },
        stream: { contentType: 'text/plain; charset=utf-8', pieces: monitor, cut: cutAfter(core.clock, monitor) },
      });
    },
  ),
];
