/** `storage "postgresql"`: where the database is and how much of it is used. No message holds a part of the URL. */
import { CofferError } from '@coffer/schema/errors.ts';
import { checkTableName } from '../../platform/postgres/table-name.ts';
import { parseTarget, type Target } from '../../platform/postgres/target.ts';
import type { PostgresSettings } from './configuration.ts';
import type { Environment } from './environment.ts';
import { BadValue, type Origin, type Report } from './problem.ts';
import { converted, type Stanza } from './stanza.ts';

const defaultTable = 'coffer';
const parallelLimit = 1_000;

interface Reading {
  readonly env: Environment;
  readonly report: Report;
}

/** What the parsers of the platform refuse, as a problem of the configuration. */
const orBadValue = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (error instanceof CofferError) throw new BadValue(error.publicMessage);
    throw error;
  }
};

/** The environment wins over the file. */
const urlOf = (stanza: Stanza, env: Environment): { readonly url: string; readonly origin: Origin } => {
  const found = env.get('PG_CONNECTION_URL');
  if (found !== undefined && found.value !== '') return { url: found.value, origin: found.origin };
  const setting = stanza.settings.setting('connection_url');
  return { url: stanza.settings.text('connection_url') ?? '', origin: setting?.origin ?? stanza.origin };
};

const targetOf = (stanza: Stanza, { env, report }: Reading): Target | undefined => {
  const { url, origin } = urlOf(stanza, env);
  if (url === '' && env.named('PGUSER') === undefined) {
    report.add('error', origin, 'storage "postgresql": "connection_url" or COFFER_PG_CONNECTION_URL must be set');
    return undefined;
  }
  return report.attempt(origin, 'connection_url: ', () => orBadValue(() => parseTarget(url, name => env.named(name))));
};

const numberOf = (
  stanza: Stanza,
  key: string,
  at: { readonly least: number; readonly report: Report },
): number | undefined => {
  const setting = stanza.settings.setting(key);
  const value = stanza.settings.number(key);
  if (setting === undefined || value === undefined) return undefined;
  if (value >= at.least && value <= parallelLimit) return value;
  at.report.add('error', setting.origin, `"${key}": expected a number from ${at.least} to ${parallelLimit}`);
  return undefined;
};

export const postgresOf = (stanza: Stanza, reading: Reading): PostgresSettings | undefined => {
  const { settings } = stanza;
  const { report } = reading;
  const target = targetOf(stanza, reading);
  const table = converted({ settings, report }, 'table', text => orBadValue(() => checkTableName(text)));
  const parallel = numberOf(stanza, 'max_parallel', { least: 1, report });
  const idle = numberOf(stanza, 'max_idle_connections', { least: 0, report });
  const attempts = numberOf(stanza, 'max_connect_retries', { least: 0, report });
  if (target === undefined) return undefined;
  if (target.tls === 'disable' && !target.hosts.every(({ host }) => isNear(host)))
    report.add(
      'warning',
      stanza.origin,
      'sslmode=disable: whoever is on the way to the database sees the password and can change what is stored',
    );
  return {
    type: 'postgresql',
    target,
    table: table ?? defaultTable,
    skipCreate: settings.flag('skip_create_table') ?? false,
    parallel,
    idle,
    attempts: attempts ?? 1,
  };
};

/** On this machine. */
const isNear = (host: string): boolean => host.startsWith('/') || /^(?:localhost|127\.[\d.]+|::1)$/.test(host);
