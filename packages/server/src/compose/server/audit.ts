/** Audit devices as configuration and API name them: opened, and tried at the start. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditChain, AuditSink, Observed } from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { AuditStanza } from '../../core/audit/devices.ts';
import * as values from '../../core/audit/option-values.ts';
import { checkDevice, type DeviceType } from '../../core/audit/options.ts';
import { BatchDevice, defaultLimitMs, type Target } from '../../platform/audit/batches.ts';
import { openFileDevice } from '../../platform/audit/file.ts';
import { httpTarget } from '../../platform/audit/http.ts';
import { openStream, type Place } from '../../platform/audit/stream.ts';
import { openSyslog } from '../../platform/audit/syslog.ts';

/** A target, and how long it may take for a batch. */
interface Opened {
  readonly target: Target;
  readonly limitMs: number;
}

type Options = ReadonlyMap<string, string>;

const openSocket = async (options: Options): Promise<Opened> => {
  const limitMs = values.readTimeoutMs(options.get('write_timeout'));
  return { target: await openStream(placeOf(options), limitMs), limitMs };
};

const placeOf = (options: Options): Place => {
  const address = options.get('address') ?? '';
  if (options.get('socket_type') === 'unix') return { path: address };
  const place = values.readHostPort(address);
  if (place === undefined) throw new CofferError('invalid_request', 'address: expected host:port');
  return place;
};

const openSystemLog = async (options: Options): Promise<Opened> => {
  const address = options.get('address');
  const target = await openSyslog({
    facility: values.readFacility(options.get('facility')),
    tag: options.get('tag') ?? 'coffer',
    address: address === undefined ? undefined : values.readSyslogAddress(address),
    limitMs: defaultLimitMs,
  });
  return { target, limitMs: defaultLimitMs };
};

const openHttp = async (options: Options): Promise<Opened> => {
  const limitMs = values.readTimeoutMs(options.get('write_timeout'));
  const headers = values.readHeaders(options.get('headers') ?? '{}') ?? {};
  return { target: httpTarget({ uri: options.get('uri') ?? '', headers, limitMs }), limitMs };
};

const openers: { readonly [T in Exclude<DeviceType, 'file'>]: (options: Options) => Promise<Opened> } = {
  socket: openSocket,
  syslog: openSystemLog,
  http: openHttp,
};

/** Throws where the options are not what a device can have, and where it cannot be opened. */
export const openAudit = async (
  { path, options, ...stanza }: AuditStanza,
  parts: { readonly clock: Clock; readonly chain?: AuditChain },
): Promise<AuditSink & Observed> => {
  const type = checkDevice(stanza.type, options);
  if (type !== 'file') return new BatchDevice({ path, type, ...parts, ...(await openers[type](options)) });
  const filePath = options.get('file_path') ?? options.get('path') ?? '';
  return openFileDevice(
    path,
    { filePath, mode: values.readFileMode(options.get('mode')), isSynced: options.get('sync') === 'fsync' },
    parts,
  );
};

/**
 * Devices are opened with the store; one that cannot be opened is told at the start, while somebody looks on. Throws
 * where none can be.
 */
export const tryAudit = async (
  devices: readonly AuditStanza[],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> => {
  const failures: unknown[] = [];
  for (const stanza of devices) {
    const tried = openAudit(stanza, { clock }).then(sink => sink.close());
    await tried.catch((cause: unknown) => failures.push(cause));
  }
  if (devices.length > 0 && failures.length === devices.length) throw failures[0];
  for (const cause of failures) {
    if (!(cause instanceof CofferError)) throw cause;
    log.write('error', 'an audit device cannot be opened; the others are used', { reason: cause.publicMessage });
  }
};
