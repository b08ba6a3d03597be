/** `listener`: at least one. TLS is on unless it is turned off, and then its files must be named. */
import { parseNetwork } from '../../platform/net/cidr.ts';
import { hostPort, permissions, refuseTemplate } from './address.ts';
import type { ForwardedSettings, ListenerSettings, ListenerTimeouts } from './configuration.ts';
import { readResponseHeaders } from './headers.ts';
import { readOpens } from './listener-opens.ts';
import { readTls } from './listener-tls.ts';
import { BadValue, type Report } from './problem.ts';
import type { Placed, Settings } from './settings.ts';
import { converted, readStanzas, type Stanza } from './stanza.ts';

const form = { name: 'listener', labels: 1, bodyOf: (): string => 'listener' };
const listenersLimit = 64;
/** D2: the most that may be asked for. */
const largestBodyBytes = 33_554_432;
const hopsLimit = 100;
const requestSecondsLimit = 86_400;
const defaultAddress = '127.0.0.1:8200';

interface Reading {
  readonly settings: Settings;
  readonly report: Report;
}

/** A number that must lie within bounds; refusals are reported at the key. */
const bounded = ({ settings, report }: Reading, key: string, limit: number): number | undefined => {
  const value = settings.number(key);
  const setting = settings.setting(key);
  if (value === undefined || setting === undefined) return undefined;
  if (value >= 0 && value <= limit) return value;
  report.add('error', setting.origin, `"${key}": expected 0 to ${limit}`);
  return undefined;
};

/** Vault reads a negative size as no limit at all; here bodies stay bounded. */
const requestBytesOf = (reading: Reading): number | undefined => {
  const setting = reading.settings.setting('max_request_size');
  if (setting === undefined || (reading.settings.number('max_request_size') ?? 0) >= 0)
    return orDefault(bounded(reading, 'max_request_size', largestBodyBytes));
  const message = `"max_request_size": bodies are bounded all the same, by ${largestBodyBytes} bytes`;
  reading.report.add('warning', setting.origin, message);
  return largestBodyBytes;
};

const orDefault = (value: number | undefined): number | undefined => (value === 0 ? undefined : value);

const addressOf = (stanza: Stanza, reading: Reading): ListenerSettings['address'] | undefined => {
  if (stanza.type === 'tcp') {
    if (reading.settings.text('address') === undefined) return hostPort(defaultAddress);
    return converted(reading, 'address', hostPort);
  }
  const path = converted(reading, 'address', text => {
    refuseTemplate(text);
    if (text === '' || text.includes('\0')) throw new BadValue('expected the path of the socket');
    return text;
  });
  const mode = converted(reading, 'socket_mode', permissions);
  if (reading.settings.setting('address') === undefined) {
    reading.report.add('error', stanza.origin, 'listener "unix": "address" must be set to the path of the socket');
  }
  return path === undefined ? undefined : { path, ...(mode === undefined ? {} : { mode }) };
};

const timeoutsOf = (reading: Reading): ListenerTimeouts => {
  const seconds = (key: string): number | undefined => orDefault(bounded(reading, key, requestSecondsLimit));
  return {
    headerReadSeconds: seconds('http_read_header_timeout'),
    requestReadSeconds: seconds('http_read_timeout'),
    writeStallSeconds: seconds('http_write_timeout'),
    idleSeconds: seconds('http_idle_timeout'),
  };
};

const forwardedOf = (stanza: Stanza, reading: Reading): ForwardedSettings | undefined => {
  const { settings, report } = reading;
  const authorized = settings.texts('x_forwarded_for_authorized_addrs');
  const hopSkips = bounded(reading, 'x_forwarded_for_hop_skips', hopsLimit) ?? 0;
  const rejectNotPresent = settings.flag('x_forwarded_for_reject_not_present') ?? false;
  const rejectNotAuthorized = settings.flag('x_forwarded_for_reject_not_authorized') ?? false;
  if (authorized === undefined || authorized.length === 0) {
    if (hopSkips > 0 || rejectNotPresent || rejectNotAuthorized) {
      report.add('error', stanza.origin, 'x_forwarded_for_* needs "x_forwarded_for_authorized_addrs"');
    }
    return undefined;
  }
  const origin = settings.setting('x_forwarded_for_authorized_addrs')?.origin ?? stanza.origin;
  if (!authorized.every(one => parseNetwork(one) !== undefined)) {
    report.add(
      'error',
      origin,
      '"x_forwarded_for_authorized_addrs": expected addresses or networks such as "10.0.0.0/8"',
    );
  }
  return { authorized, hopSkips, rejectNotPresent, rejectNotAuthorized };
};

const headersOf = (stanza: Stanza, { settings, report }: Reading): ListenerSettings['responseHeaders'] => {
  const items = settings.blocks('custom_response_headers').map(({ item }) => item);
  return report.attempt(stanza.origin, '"custom_response_headers": ', () => readResponseHeaders(items)) ?? new Map();
};

const listenerOf = (stanza: Stanza, report: Report, defaultRequestSeconds: number): ListenerSettings | undefined => {
  const { settings } = stanza;
  const reading = { settings, report };
  const address = addressOf(stanza, reading);
  const listener = {
    tls: readTls(stanza, report),
    maxRequestBytes: requestBytesOf(reading),
    maxRequestSeconds:
      orDefault(bounded(reading, 'max_request_duration', requestSecondsLimit)) ?? defaultRequestSeconds,
    timeouts: timeoutsOf(reading),
    responseHeaders: headersOf(stanza, reading),
    forwarded: forwardedOf(stanza, reading),
    opens: readOpens(stanza, report),
    unauthenticatedRekey: settings.flag('disable_unauthed_rekey_endpoints') === false,
    unauthenticatedGenerateRoot: settings.flag('disable_unauthed_generate_root_endpoints') === false,
  };
  return address === undefined ? undefined : { address, ...listener };
};

export const readListeners = (
  items: readonly Placed[],
  report: Report,
  defaultRequestSeconds: number,
): ListenerSettings[] => {
  const stanzas = readStanzas(items, form, report);
  if (items.length === 0) report.missing('no listener: add listener "tcp" { address = "127.0.0.1:8200" … }');
  for (const one of stanzas.slice(listenersLimit))
    report.add('error', one.origin, `more than ${listenersLimit} listeners`);
  return stanzas.slice(0, listenersLimit).flatMap(stanza => listenerOf(stanza, report, defaultRequestSeconds) ?? []);
};
