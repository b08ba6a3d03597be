/** `audit "file" "name" { options { … } }`: devices that exist from the start. */
import { readBlocks } from '@coffer/schema/hcl/read.ts';
import { defaultFileMode, fileMode } from '../../core/audit/options.ts';
import type { AuditSettings } from './configuration.ts';
import { BadValue, type Report } from './problem.ts';
import { type Placed, readSettings, type Settings } from './settings.ts';
import { converted, readStanzas, type Stanza } from './stanza.ts';

const form = { name: 'audit', labels: 2, bodyOf: (): string => 'audit' };
const devicesLimit = 16;

const optionsOf = (stanza: Stanza, report: Report): Settings => {
  const items = stanza.settings.blocks('options').flatMap(({ item, file }) => {
    const blocks = report.attempt(stanza.origin, '"options": ', () => readBlocks(item, 0));
    return (blocks ?? []).flatMap(({ body }) => body.items.map((one): Placed => ({ item: one, file })));
  });
  return readSettings(`audit ${stanza.type} options`, items, report);
};

const modeOf = (text: string): number => {
  const mode = fileMode(text);
  if (mode === undefined) throw new BadValue('expected permissions in octal, such as "0600"');
  return mode;
};

const deviceOf = (stanza: Stanza, report: Report): AuditSettings | undefined => {
  const settings = optionsOf(stanza, report);
  const filePath = settings.text('file_path') ?? settings.text('path');
  const mode = converted({ settings, report }, 'mode', modeOf);
  const path = (stanza.labels[0] ?? '').replace(/\/+$/, '');
  if (path === '') report.add('error', stanza.origin, 'audit: the device needs a name: audit "file" "name" { … }');
  if (filePath === undefined || filePath === '') {
    report.add('error', stanza.origin, 'audit "file": "file_path" must be set in options');
    return undefined;
  }
  const description = stanza.settings.text('description') ?? '';
  return { type: 'file', path: `${path}/`, description, filePath, mode: mode ?? defaultFileMode };
};

export const readAudit = (items: readonly Placed[], report: Report): AuditSettings[] => {
  const devices: AuditSettings[] = [];
  for (const stanza of readStanzas(items, form, report)) {
    const device = deviceOf(stanza, report);
    if (device === undefined) continue;
    if (devices.some(one => one.path === device.path))
      report.add('error', stanza.origin, 'audit: two devices have one name');
    if (devices.length === devicesLimit) report.add('error', stanza.origin, `audit: more than ${devicesLimit} devices`);
    devices.push(device);
  }
  return devices;
};
