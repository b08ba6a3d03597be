/** Audit devices as the configuration names them: opened, and tried at the start. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditSink } from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { AuditStanza } from '../../core/audit/devices.ts';
import { readFileOptions } from '../../core/audit/options.ts';
import { openFileDevice } from '../../platform/audit/file.ts';
import type { AuditSettings } from '../configuration/configuration.ts';

export const auditStanza = (settings: AuditSettings): AuditStanza => ({
  type: settings.type,
  path: settings.path.endsWith('/') ? settings.path : `${settings.path}/`,
  description: settings.description,
  options: new Map([
    ['file_path', settings.filePath],
    ['mode', settings.mode.toString(8).padStart(4, '0')],
  ]),
});

/** Throws where the options are not what a device can have; those of the store were checked when they were stored. */
export const openAudit = async (stanza: AuditStanza, clock: Clock): Promise<AuditSink> =>
  openFileDevice(stanza.path, readFileOptions(stanza.options), clock);

/**
 * Devices are opened with the store; one that cannot be opened is told at the start, while somebody looks on. Throws
 * where none can be.
 */
export const tryAudit = async (
  devices: readonly AuditSettings[],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> => {
  const failures: unknown[] = [];
  for (const settings of devices) {
    const tried = openAudit(auditStanza(settings), clock).then(sink => sink.close());
    await tried.catch((cause: unknown) => failures.push(cause));
  }
  if (devices.length > 0 && failures.length === devices.length) throw failures[0];
  for (const cause of failures) {
    if (!(cause instanceof CofferError)) throw cause;
    log.write('error', 'an audit device cannot be opened; the others are used', { reason: cause.publicMessage });
  }
};
