/**
 * The options of audit devices, once: the configuration and `sys/audit` take the same ones. Promises: an option that is
 * accepted is in force. One that is known and not offered passes only with the value that says what holds anyway.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { auditFilter, filterFault } from './filter.ts';
import type { Clear } from './hashing.ts';
import * as expected from './option-values.ts';
import type { Filter } from '../filter/parse.ts';
import type { Exchange } from '../request/exchange.ts';
import type { Layout } from './record.ts';

export const deviceTypes = ['file', 'socket', 'syslog', 'http'] as const;
export type DeviceType = (typeof deviceTypes)[number];

export interface AuditOption {
  readonly name: string;
  readonly kind: 'text' | 'bool';
  readonly honoured: boolean;
  /** Honoured: what it does, and its default. Else: why not, and what to do. */
  readonly note: string;
  /** Values of an option that is not honoured which say what holds anyway. */
  readonly harmless: readonly string[];
  /** What was expected in place of a value; undefined where it is good. */
  readonly check: (value: string) => string | undefined;
}

type Honoured = readonly [name: string, note: string, check?: AuditOption['check'], kind?: AuditOption['kind']];

const honoured = (...[name, note, check = expected.anything, kind = 'text']: Honoured): AuditOption => ({
  name,
  kind,
  honoured: true,
  note,
  harmless: [],
  check,
});

type NotOffered = readonly [name: string, kind: AuditOption['kind'], note: string, harmless: string];

const notOffered = (...[name, kind, note, harmless]: NotOffered): AuditOption => ({
  name,
  kind,
  honoured: false,
  note,
  harmless: [harmless],
  check: value => (value === harmless ? undefined : note),
});

const ofEveryDevice: readonly AuditOption[] = [
  honoured('log_raw', 'records hold secret values and tokens in clear; default false', expected.bool, 'bool'),
  honoured('hmac_accessor', 'accessors are hashed; default true', expected.bool, 'bool'),
  honoured('elide_list_responses', 'of a list only how long it is; default false', expected.bool, 'bool'),
  honoured('prefix', 'stands before each record; needs allow_audit_log_prefixing', expected.prefix),
  notOffered('format', 'text', 'records are lines of JSON: remove it, or set it to "json"', 'json'),
  honoured(
    'filter',
    'takes only the records for which this holds, such as `mount_type == kv and operation != read`; default: all',
    filterFault,
  ),
  honoured('fallback', 'takes only the records that no other device takes; default false', expected.bool, 'bool'),
];

const timeout = (note: string): AuditOption => honoured('write_timeout', note, expected.timeout);

export const deviceOptions: { readonly [T in DeviceType]: readonly AuditOption[] } = {
  file: [
    honoured('file_path', 'a path, `stdout` or `discard`; required'),
    honoured('path', 'older name of `file_path`'),
    honoured(
      'sync',
      '`write` (default), or `fsync`: a request is answered once its records are on the disk',
      expected.oneOf('write', 'fsync'),
    ),
    honoured('mode', 'permissions of a new file, octal, none to execute; default 0600', expected.fileMode),
    ...ofEveryDevice,
  ],
  socket: [
    honoured('address', '`host:port`, or the path of a unix socket; required'),
    honoured('socket_type', '`tcp` or `unix`; default tcp', expected.oneOf('tcp', 'unix')),
    timeout('how long the peer may take; default 2s'),
    ...ofEveryDevice,
  ],
  syslog: [
    honoured('facility', 'such as AUTH, DAEMON or LOCAL3; default AUTH', expected.facility),
    honoured('tag', 'who writes; default coffer', expected.tag),
    honoured(
      'address',
      '`udp://host:port` or `tcp://host:port`; default: the log of this machine, by the program `logger`',
      expected.syslogAddress,
    ),
    ...ofEveryDevice,
  ],
  http: [
    honoured('uri', 'where each record is posted to, `http` or `https`; required', expected.uri),
    honoured('headers', 'JSON object: name of a header, its value or list of values', expected.headers),
    timeout('how long one answer may take; default 2s'),
    ...ofEveryDevice,
  ],
};

/** The option that a device cannot be without; of two names the first is told. */
const required: { readonly [T in DeviceType]: readonly string[] } = {
  file: ['file_path', 'path'],
  socket: ['address'],
  syslog: [],
  http: ['uri'],
};

const nameShownLimit = 64;

const isDeviceType = (type: string): type is DeviceType => deviceTypes.includes(type as DeviceType);

/** The option that is missing; undefined where all are there that must be. */
export const missingOption = (type: DeviceType, options: ReadonlyMap<string, string>): string | undefined => {
  const names = required[type];
  return names.length === 0 || names.some(name => (options.get(name) ?? '') !== '') ? undefined : names[0];
};

/**
 * The type as one that there is. Throws where it is none, and where an option is unknown, would not be in force, or says
 * nothing usable: a device that this server cannot have must never be taken for one that writes.
 */
export const checkDevice = (type: string, options: ReadonlyMap<string, string>): DeviceType => {
  if (!isDeviceType(type))
    throw refusal(`unknown audit device type: this server has ${deviceTypes.map(name => `"${name}"`).join(', ')}`);
  for (const [name, value] of options) {
    const option = deviceOptions[type].find(one => one.name === name);
    if (option === undefined)
      throw refusal(`unknown option "${name.slice(0, nameShownLimit)}" of an audit device of type ${type}`);
    const wrong = option.check(value);
    if (wrong !== undefined) throw refusal(`${name}: ${wrong}`);
  }
  const missing = missingOption(type, options);
  if (missing !== undefined) throw refusal(`${missing} is required`);
  if (options.get('sync') === 'fsync' && unsynced.includes(options.get('file_path') ?? options.get('path') ?? ''))
    throw refusal('sync: only a file can be synced to a disk');
  const { filter, isFallback } = readSelection(options);
  if (filter !== undefined && isFallback) throw refusal('fallback: a device has this or a filter, not both');
  return type;
};

const unsynced: readonly string[] = ['stdout', 'discard'];

/** Throws where a prefix is asked for and the configuration does not allow any. */
export const checkPrefix = (options: ReadonlyMap<string, string>, allowed: boolean): void => {
  if (!allowed && (options.get('prefix') ?? '') !== '')
    throw refusal('prefix: set allow_audit_log_prefixing = true in the configuration first');
};

/** Which records a device takes. */
export interface Selection {
  /** Undefined: all of them. */
  readonly filter: Filter<Exchange> | undefined;
  /** Only what no other device takes. */
  readonly isFallback: boolean;
}

export const readSelection = (options: ReadonlyMap<string, string>): Selection => ({
  filter: auditFilter(options.get('filter') ?? ''),
  isFallback: expected.readBool(options.get('fallback'), false),
});

/**
 * Throws where each of these devices takes some records only: what none of them takes would go unrecorded. Where there
 * is none, nothing is to be recorded.
 */
export const checkWhole = (all: Iterable<ReadonlyMap<string, string>>): void => {
  const selections = Array.from(all, readSelection);
  if (selections.length > 0 && selections.every(({ filter }) => filter !== undefined))
    throw refusal('every audit device has a filter: let one be without, or have fallback = true');
};

export interface RecordOptions {
  readonly clear: Clear;
  readonly layout: Layout;
}

export const readRecordOptions = (options: ReadonlyMap<string, string>): RecordOptions => ({
  clear: {
    all: expected.readBool(options.get('log_raw'), false),
    accessors: !expected.readBool(options.get('hmac_accessor'), true),
  },
  layout: {
    prefix: options.get('prefix') ?? '',
    elidesLists: expected.readBool(options.get('elide_list_responses'), false),
  },
});

/** As `sys/audit` shows them: headers hold what the device is let in with. */
export const shownOptions = (options: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  options.has('headers') ? new Map([...options, ['headers', '[hidden]']]) : options;

const refusal = (message: string): CofferError => new CofferError('invalid_request', message);
