/**
 * What the values of audit options mean. Each check says what was expected, never what was given; each reader is for
 * values that have passed theirs.
 */
import { durationLimitSeconds, parseDuration } from '@coffer/schema/duration.ts';

type Check = (value: string) => string | undefined;

export const anything: Check = () => undefined;

export const oneOf =
  (...values: readonly string[]): Check =>
  value =>
    values.includes(value) ? undefined : `expected ${values.join(' or ')}`;

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text): [string, boolean] => [text, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text): [string, boolean] => [text, false]),
]);

export const bool: Check = value => (truths.has(value) ? undefined : 'expected true or false');
export const readBool = (value: string | undefined, unsaid: boolean): boolean => truths.get(value ?? '') ?? unsaid;

/** Nothing that ends a line, steers a terminal, or makes what follows a program. */
export const prefix: Check = value =>
  /^(?!#!)[ -~]{0,64}$/.test(value) ? undefined : 'expected up to 64 printable ASCII characters that do not start "#!"';

export const defaultFileMode = 0o600;
const executeBits = 0o111;

/** Permission bits in octal; `0` leaves the default. Who may write audit records must not be able to make programs. */
export const fileMode: Check = value => {
  if (!/^(?:0|0?[0-7]{3})$/.test(value)) return 'expected permissions in octal, such as "0600"';
  return (Number.parseInt(value, 8) & executeBits) === 0 ? undefined : 'expected permissions without execute';
};

export const readFileMode = (value: string | undefined): number =>
  Number.parseInt(value ?? '0', 8) === 0 ? defaultFileMode : Number.parseInt(value ?? '0', 8);

const timeoutLimitSeconds = 60;

export const timeout: Check = value => {
  const seconds = secondsOf(value);
  return seconds > 0 && seconds <= timeoutLimitSeconds ? undefined : 'expected a duration up to 60s, such as "2s"';
};

const secondsOf = (value: string): number => {
  try {
    return parseDuration(value);
  } catch {
    return durationLimitSeconds;
  }
};

export const readTimeoutMs = (value: string | undefined): number => secondsOf(value ?? '2s') * 1000;

/** RFC 5424, section 6.2.1. */
const facilities: readonly string[] =
  'KERN USER MAIL DAEMON AUTH SYSLOG LPR NEWS UUCP CRON AUTHPRIV FTP NTP AUDIT ALERT CLOCK LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7'.split(
    ' ',
  );

export const readFacility = (value: string | undefined): number => facilities.indexOf((value ?? 'AUTH').toUpperCase());

export const facility: Check = value =>
  readFacility(value) < 0 ? 'expected a facility such as AUTH, DAEMON or LOCAL3' : undefined;

export const tag: Check = value =>
  /^[A-Za-z0-9][\w./-]{0,31}$/.test(value) ? undefined : 'expected 1 to 32 letters, digits, or any of _ . / -';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const portLimit = 65_535;

/** Undefined where the text is no `host:port`; an IPv6 address stands in brackets. */
export const readHostPort = (value: string): HostPort | undefined => {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(value);
  const [host, port] = [found?.[1] ?? found?.[2], Number(found?.[3])];
  return host !== undefined && port > 0 && port <= portLimit ? { host, port } : undefined;
};

export interface SyslogAddress extends HostPort {
  readonly transport: 'udp' | 'tcp';
}

export const readSyslogAddress = (value: string): SyslogAddress | undefined => {
  const found = /^(udp|tcp):\/\/(.+)$/.exec(value);
  const place = readHostPort(found?.[2] ?? '');
  return place === undefined ? undefined : { ...place, transport: found?.[1] === 'udp' ? 'udp' : 'tcp' };
};

export const syslogAddress: Check = value =>
  readSyslogAddress(value) === undefined ? 'expected udp://host:port or tcp://host:port' : undefined;

export const uri: Check = value => {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    ? undefined
    : 'expected an http or https URL without a name and password; put those into headers';
};

const headersLimit = 32;

/** Undefined where the text is no JSON object of texts or lists of texts, or what it names is no header. */
export const readHeaders = (value: string): { readonly [name: string]: readonly string[] } | undefined => {
  try {
    const entries = Object.entries(JSON.parse(value) as { readonly [name: string]: unknown });
    const lists = entries.map(([name, one]) => [name, Array.isArray(one) ? (one as unknown[]) : [one]] as const);
    const isGood = lists.every(([name, list]) => isHeader(name) && list.every(isHeaderValue));
    return isGood && lists.length <= headersLimit && value.trim().startsWith('{')
      ? (Object.fromEntries(lists) as { readonly [name: string]: readonly string[] })
      : undefined;
  } catch {
    return undefined;
  }
};

/** Those that say where a record ends are not for callers. */
const isHeader = (name: string): boolean =>
  /^[A-Za-z0-9-]{1,64}$/.test(name) && !/^(?:host|connection|content-length|transfer-encoding)$/i.test(name);
const isHeaderValue = (value: unknown): boolean => typeof value === 'string' && /^[ -~]{0,4096}$/.test(value);

export const headers: Check = value =>
  readHeaders(value) === undefined ? 'expected a JSON object of headers, each a text or a list of texts' : undefined;
