/**
 * Where the database is and how to get in, as `connection_url` and the variables of libpq say: a URL
 * (`postgresql://user:password@host1:5432,host2:5432/name?sslmode=verify-full`) or words (`host=… user=…`). What libpq
 * knows and this does not is refused, never passed over. No message holds a value.
 */
import { Secret } from '@coffer/schema/secret.ts';
import { CofferError } from '@coffer/schema/errors.ts';

export type TlsMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

export interface Host {
  /** A name or an address; the folder of a unix socket begins with `/`. */
  readonly host: string;
  readonly port: number;
}

export interface Target {
  /** Tried in this order. */
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly password: Secret | undefined;
  readonly database: string;
  readonly tls: TlsMode;
  /** Path of certificates in PEM, or `system`. */
  readonly rootCertificates: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** SCRAM is bound to the server's certificate, where the server offers that. */
  readonly bindsChannel: boolean;
  readonly connectSeconds: number | undefined;
  readonly applicationName: string;
  readonly options: string | undefined;
}

/** Keys of libpq that are honoured, and the variable that stands for each. */
const variables = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  application_name: 'PGAPPNAME',
  options: 'PGOPTIONS',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  channel_binding: 'PGCHANNELBINDING',
} as const;
type Key = keyof typeof variables;

const hostsLimit = 16;
const defaultPort = '5432';
const modes: ReadonlySet<string> = new Set(['disable', 'require', 'verify-ca', 'verify-full']);

const refuse = (message: string): never => {
  throw new CofferError('usage', message);
};

/** Not named: where signs of a password were not escaped, it would be a part of that. */
const keyOf = (name: string): Key =>
  Object.hasOwn(variables, name)
    ? (name as Key)
    : refuse(`a parameter in it is not known: use ${Object.keys(variables).join(', ')}`);

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('a % in it begins no two hexadecimal digits: write %25 for the sign itself');
  }
};

const wellFormedUrl =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^/?#@]*)(?:\/(?<name>[^?#]*))?(?:\?(?<query>[^#]*))?$/;

const splitHosts = (text: string): { host: string; port: string } => {
  const places = text.split(',').map(one => /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>\d*))?$/.exec(one)?.groups);
  if (places.includes(undefined)) refuse('a host in it is not NAME, NAME:PORT or [ADDRESS]:PORT');
  const ports = places.map(place => place?.['port'] ?? '');
  return {
    host: places.map(place => decoded((place?.['host'] ?? '').replaceAll(/^\[|\]$/g, ''))).join(','),
    port: ports.every(port => port === '') ? '' : ports.map(port => port || defaultPort).join(','),
  };
};

const ofUrl = (url: string): Map<Key, string> => {
  const parts =
    wellFormedUrl.exec(url)?.groups ??
    refuse('it is no URL of PostgreSQL: write the signs :/@?# of a password as %3A %2F %40 %3F %23');
  const found = new Map<Key, string>();
  const put = (key: Key, value: string | undefined): void => {
    if (value !== undefined && value !== '') found.set(key, value);
  };
  const { host, port } = splitHosts(parts['hosts'] ?? '');
  put('host', host);
  put('port', port);
  put('user', parts['user'] === undefined ? undefined : decoded(parts['user']));
  put('password', parts['password'] === undefined ? undefined : decoded(parts['password']));
  put('dbname', parts['name'] === undefined ? undefined : decoded(parts['name']));
  for (const pair of (parts['query'] ?? '').split('&').filter(one => one !== '')) {
    const at = pair.includes('=') ? pair.indexOf('=') : pair.length;
    put(keyOf(decoded(pair.slice(0, at))), decoded(pair.slice(at + 1)));
  }
  return found;
};

const word = /\s*(?<key>\w+)\s*=\s*(?:'(?<quoted>(?:[^'\\]|\\.)*)'|(?<plain>(?:[^\s'\\]|\\.)*))(?=\s|$)/y;

const ofWords = (text: string): Map<Key, string> => {
  const found = new Map<Key, string>();
  word.lastIndex = 0;
  while (text.slice(word.lastIndex).trim() !== '') {
    const {
      key = '',
      quoted,
      plain = '',
    } = word.exec(text)?.groups ?? refuse('it is neither a URL of PostgreSQL nor KEY=VALUE words');
    const value = (quoted ?? plain).replaceAll(/\\(.)/gs, '$1');
    if (value !== '') found.set(keyOf(key), value);
  }
  return found;
};

const portOf = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : refuse('a port in it is not a number from 1 to 65535');
};

const hostsOf = (host: string, port: string): Host[] => {
  const names = host.split(',');
  const ports = port.split(',');
  if (names.length > hostsLimit) refuse(`it names more than ${hostsLimit} hosts`);
  if (ports.length !== 1 && ports.length !== names.length) refuse('it has another number of ports than of hosts');
  return names.map((name, at) => ({
    host: name || 'localhost',
    port: portOf(ports[ports.length === 1 ? 0 : at] ?? ''),
  }));
};

const modeOf = (given: string | undefined, hasRoots: boolean, isLocal: boolean): TlsMode => {
  if (given === 'allow' || given === 'prefer')
    refuse(
      `sslmode=${given} would go on in clear where somebody wants it so: use verify-full, verify-ca, require or disable`,
    );
  if (given !== undefined && !modes.has(given))
    refuse('sslmode is not one of disable, require, verify-ca, verify-full');
  if (given === undefined) return isLocal ? 'disable' : 'require';
  // As libpq: with roots at hand, `require` checks them.
  return given === 'require' && hasRoots ? 'verify-ca' : (given as TlsMode);
};

const secondsOf = (text: string | undefined): number | undefined => {
  if (text === undefined || text === '0') return undefined;
  return /^\d{1,4}$/.test(text) ? Number(text) : refuse('connect_timeout is not a number of seconds below 10000');
};

const bindsChannel = (given = 'prefer'): boolean =>
  ['prefer', 'disable'].includes(given)
    ? given === 'prefer'
    : refuse('channel_binding is not one of prefer, disable: that it is used cannot be demanded here');

/** Every one of them looks for the node that takes writes: nothing else would do. */
const sessions: ReadonlySet<string> = new Set(['any', 'read-write', 'primary']);

/** `variable` answers those of the environment; the URL wins over them. Throws `usage`. */
export const parseTarget = (url: string, variable: (name: string) => string | undefined): Target => {
  const given = /^postgres(?:ql)?:\/\//.test(url) ? ofUrl(url) : ofWords(url);
  const get = (key: Key): string | undefined => given.get(key) ?? (variable(variables[key]) || undefined);
  if (!sessions.has(get('target_session_attrs') ?? 'any'))
    refuse('target_session_attrs must be read-write or primary: a store cannot write to a standby');
  const hosts = hostsOf(get('host') ?? 'localhost', get('port') ?? defaultPort);
  const user = get('user') ?? refuse('it names no user');
  const password = get('password');
  const roots = get('sslrootcert');
  return {
    hosts,
    user,
    password: password === undefined ? undefined : Secret.of(password),
    database: get('dbname') ?? user,
    tls: modeOf(
      get('sslmode'),
      roots !== undefined,
      hosts.every(({ host }) => host.startsWith('/')),
    ),
    rootCertificates: roots,
    certificate: get('sslcert'),
    key: get('sslkey'),
    bindsChannel: bindsChannel(get('channel_binding')),
    connectSeconds: secondsOf(get('connect_timeout')),
    applicationName: get('application_name') ?? 'coffer',
    options: get('options'),
  };
};
