/** `audit "file" "name" { options { … } }`: devices that exist from the start. */
import { readBlocks } from '@coffer/schema/hcl/read.ts';
import type { AuditStanza } from '../../core/audit/devices.ts';
import { type AuditOption, deviceOptions, type DeviceType, missingOption } from '../../core/audit/options.ts';
import type { Report } from './problem.ts';
import { type Placed, readSettings, type Settings } from './settings.ts';
import { readStanzas, type Stanza } from './stanza.ts';

const form = { name: 'audit', labels: 2, bodyOf: (): string => 'audit' };
const devicesLimit = 16;

const settingsOf = (stanza: Stanza, report: Report): Settings => {
  const items = stanza.settings.blocks('options').flatMap(({ item, file }) => {
    const blocks = report.attempt(stanza.origin, '"options": ', () => readBlocks(item, 0));
    return (blocks ?? []).flatMap(({ body }) => body.items.map((one): Placed => ({ item: one, file })));
  });
  return readSettings(`audit ${stanza.type} options`, items, report);
};

/** As texts, which is how `sys/audit` takes and shows them. */
const optionsOf = (settings: Settings, known: readonly AuditOption[], report: Report): ReadonlyMap<string, string> => {
  const options = new Map<string, string>();
  for (const { name, check } of known) {
    const setting = settings.setting(name);
    if (setting === undefined) continue;
    const value = String(setting.value);
    const wrong = check(value);
    if (wrong !== undefined) report.add('error', setting.origin, `"${name}": ${wrong}`);
    options.set(name, value);
  }
  return options;
};

const deviceOf = (stanza: Stanza, report: Report): AuditStanza | undefined => {
  // The table has no other types: readStanzas has refused them.
  const type = stanza.type as DeviceType;
  const options = optionsOf(settingsOf(stanza, report), deviceOptions[type], report);
  const path = (stanza.labels[0] ?? '').replace(/\/+$/, '');
  if (path === '') report.add('error', stanza.origin, `audit: the device needs a name: audit "${type}" "name" { … }`);
  const missing = missingOption(type, options);
  if (missing !== undefined) {
    report.add('error', stanza.origin, `audit "${type}": "${missing}" must be set in options`);
    return undefined;
  }
  return { type, path: `${path}/`, description: stanza.settings.text('description') ?? '', options };
};

export const readAudit = (items: readonly Placed[], allowsPrefix: boolean, report: Report): AuditStanza[] => {
  const devices: AuditStanza[] = [];
  for (const stanza of readStanzas(items, form, report)) {
    const device = deviceOf(stanza, report);
    if (device === undefined) continue;
    if (!allowsPrefix && (device.options.get('prefix') ?? '') !== '')
      report.add('error', stanza.origin, `audit "${device.type}": "prefix" needs allow_audit_log_prefixing = true`);
    if (devices.some(one => one.path === device.path))
      report.add('error', stanza.origin, 'audit: two devices have one name');
    if (devices.length === devicesLimit) report.add('error', stanza.origin, `audit: more than ${devicesLimit} devices`);
    devices.push(device);
  }
  return devices;
};
