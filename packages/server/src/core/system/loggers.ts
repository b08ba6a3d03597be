/** Rows of `sys/loggers`: how much each part of the server writes into its log, until the server ends. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { type LogLevel, type LogPart, logParts } from '../../contracts/log.ts';
import { read, remove, type SystemCx, write } from './context.ts';

/** As people and other servers write them. */
const levels: ReadonlyMap<string, LogLevel> = new Map([
  ['trace', 'trace'],
  ['debug', 'debug'],
  ['notice', 'info'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['error', 'error'],
]);

/** Throws `invalid_request`. */
export const levelOf = (text: string): LogLevel => {
  const level = levels.get(text.trim().toLowerCase());
  if (level === undefined)
    throw new CofferError(
      'invalid_request',
      `invalid level provided: expected one of ${[...levels.keys()].join(', ')}`,
    );
  return level;
};

const partOf = (name: string): LogPart => {
  const part = logParts.find(one => one === name);
  if (part === undefined)
    throw new CofferError('invalid_request', `logger not found: expected one of ${logParts.join(', ')}`);
  return part;
};

const setAll = ({ core }: SystemCx, level: LogLevel | undefined): void => {
  for (const part of logParts) core.logLevels.set(part, level);
};

const root = { rootNamespaceOnly: true } as const;
const nameField = t.name('Name of the logger');
const levelField = t.string('trace, debug, info, warn or error', { required: true });

export const loggerRows = [
  read('loggers', { ...root, summary: 'List the loggers with their levels' }, ({ core }) =>
    Object.fromEntries(core.logLevels.all()),
  ),
  write('loggers', { ...root, summary: 'Set the level of all loggers', in: { level: levelField } }, (cx, { level }) =>
    setAll(cx, levelOf(level)),
  ),
  remove('loggers', { ...root, summary: 'Set all loggers back to the configured level' }, cx => setAll(cx, undefined)),
  read(
    'loggers/:name',
    { ...root, summary: 'Show the level of a logger', in: { name: nameField } },
    ({ core }, { name }) => {
      const part = partOf(name);
      return { [part]: core.logLevels.all().get(part) };
    },
  ),
  write(
    'loggers/:name',
    { ...root, summary: 'Set the level of a logger', in: { name: nameField, level: levelField } },
    ({ core }, { name, level }) => core.logLevels.set(partOf(name), levelOf(level)),
  ),
  remove(
    'loggers/:name',
    { ...root, summary: 'Set a logger back to the configured level', in: { name: nameField } },
    ({ core }, { name }) => core.logLevels.set(partOf(name), undefined),
  ),
];
