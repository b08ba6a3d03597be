/** Keys outside any block, and the environment variables that win over them. */
import type { LogLevel } from '../../contracts/log.ts';
import { serverUrl } from './address.ts';
import type { Configuration } from './configuration.ts';
import type { Environment } from './environment.ts';
import { BadValue, type Report } from './problem.ts';
import type { Settings } from './settings.ts';
import { converted } from './stanza.ts';

type Top = Pick<
  Configuration,
  | 'apiAddress'
  | 'clusterName'
  | 'defaultLeaseSeconds'
  | 'maxLeaseSeconds'
  | 'logLevel'
  | 'logFormat'
  | 'drainSeconds'
  | 'auditByApi'
  | 'auditPrefixes'
  | 'introspection'
> & { readonly maxRequestSeconds: number };

const defaultLeaseSeconds = 768 * 3600;
const defaultRequestSeconds = 90;
const requestSecondsLimit = 86_400;
const drainSecondsLimit = 600;
const nameLimit = 256;

const levels: ReadonlyMap<string, LogLevel> = new Map([
  ['trace', 'trace'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['err', 'error'],
]);

const fromEnvironment: readonly (readonly [key: string, names: readonly string[]])[] = [
  ['api_addr', ['API_ADDR', 'REDIRECT_ADDR', 'ADVERTISE_ADDR']],
  ['log_level', ['LOG_LEVEL']],
  ['log_format', ['LOG_FORMAT']],
];

/** Variables that are set, also to nothing, replace what the files say. */
export const withEnvironment = (settings: Settings, env: Environment): Settings => {
  for (const [key, names] of fromEnvironment) {
    const found = env.first(names);
    if (found !== undefined) settings.set(key, found);
  }
  return settings;
};

const logLevel = (text: string): LogLevel => {
  const level = levels.get(text.trim().toLowerCase() || 'info');
  if (level === undefined) throw new BadValue('expected trace, debug, info, warn or error');
  return level;
};

const logFormat = (text: string): 'standard' | 'json' => {
  const format = text.trim().toLowerCase() || 'standard';
  if (format !== 'standard' && format !== 'json') throw new BadValue('expected standard or json');
  return format;
};

const clusterName = (text: string): string => {
  if (text === '' || text.length > nameLimit || /\p{C}/u.test(text))
    throw new BadValue(`expected 1 to ${nameLimit} printable characters`);
  return text;
};

interface Seconds {
  readonly key: string;
  readonly otherwise: number;
  readonly limit: number;
}

const seconds = (settings: Settings, report: Report, { key, otherwise, limit }: Seconds): number => {
  const value = settings.number(key);
  const setting = settings.setting(key);
  if (value === undefined || setting === undefined || value === 0) return otherwise;
  if (value > 0 && value <= limit) return value;
  report.add(
    'error',
    setting.origin,
    `"${key}": expected more than 0${limit === Number.MAX_VALUE ? '' : ` and at most ${limit}`} seconds`,
  );
  return otherwise;
};

const drainSeconds = (settings: Settings, report: Report): number | undefined => {
  const value = settings.number('drain_duration');
  const origin = settings.setting('drain_duration')?.origin;
  if (value === undefined || origin === undefined || (value >= 0 && value <= drainSecondsLimit)) return value;
  report.add('error', origin, `"drain_duration": expected 0 to ${drainSecondsLimit} seconds`);
  return undefined;
};

export const readTop = (settings: Settings, report: Report): Top => {
  const reading = { settings, report };
  const maxLease = seconds(settings, report, {
    key: 'max_lease_ttl',
    otherwise: defaultLeaseSeconds,
    limit: Number.MAX_VALUE,
  });
  const otherwise = Math.min(defaultLeaseSeconds, maxLease);
  const defaultLease = seconds(settings, report, { key: 'default_lease_ttl', otherwise, limit: Number.MAX_VALUE });
  const given = settings.setting('default_lease_ttl');
  if (defaultLease > maxLease && given !== undefined)
    report.add('error', given.origin, '"default_lease_ttl" is more than "max_lease_ttl"');
  const request = { key: 'default_max_request_duration', otherwise: defaultRequestSeconds, limit: requestSecondsLimit };
  return {
    apiAddress: converted(reading, 'api_addr', text => (text === '' ? undefined : serverUrl(text))),
    clusterName: converted(reading, 'cluster_name', clusterName),
    defaultLeaseSeconds: defaultLease,
    maxLeaseSeconds: maxLease,
    maxRequestSeconds: seconds(settings, report, request),
    logLevel: converted(reading, 'log_level', logLevel) ?? 'info',
    logFormat: converted(reading, 'log_format', logFormat) ?? 'standard',
    drainSeconds: drainSeconds(settings, report),
    auditByApi: settings.flag('unsafe_allow_api_audit_creation') ?? false,
    auditPrefixes: settings.flag('allow_audit_log_prefixing') ?? false,
    introspection: settings.flag('introspection_endpoint') ?? false,
  };
};
