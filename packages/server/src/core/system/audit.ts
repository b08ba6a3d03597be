/** Rows of `sys/audit` and `sys/audit-hash`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { checkPrefix, shownOptions } from '../audit/options.ts';
import { mountPath } from '../mounts/paths.ts';
import { read, remove, write } from './context.ts';

const pathField = t.path('Where the device is named');

export const auditRows = [
  read(
    'audit',
    {
      summary: 'List the audit devices',
      access: 'sudo',
      legacyTopLevel: true,
      rootNamespaceOnly: true,
      aliases: ['audit/'],
    },
    ({ core }) =>
      Object.fromEntries(
        core.audit
          .devices()
          .map(({ path, type, description, options }) => [
            path,
            { type, description, options: shownOptions(options), local: false, path },
          ]),
      ),
  ),
  write(
    'audit/:path*',
    {
      summary: 'Enable an audit device',
      access: 'sudo',
      rootNamespaceOnly: true,
      in: {
        path: pathField,
        type: t.string('file, socket, syslog or http', { required: true }),
        description: t.string('What it is for', { default: '' }),
        options: t.keyvalues('Options of the device, such as file_path'),
        local: t.boolean('Accepted, without effect'),
      },
    },
    async ({ core }, { path, type, description, options }) => {
      if (!core.settings.auditByApi)
        throw new CofferError(
          'invalid_request',
          'audit devices are declared in the configuration: add an audit block there, or set unsafe_allow_api_audit_creation = true',
        );
      checkPrefix(options ?? new Map(), core.settings.auditPrefixes);
      await core.auditDevices.enable({
        type,
        path: mountPath(path),
        description,
        options: options ?? new Map(),
      });
    },
  ),
  remove(
    'audit/:path*',
    { summary: 'Disable an audit device', access: 'sudo', rootNamespaceOnly: true, in: { path: pathField } },
    ({ core }, { path }) => core.auditDevices.disable(mountPath(path)),
  ),
  write(
    'audit-hash/:path*',
    {
      summary: 'Hash a text as an audit device would',
      pure: true,
      legacyTopLevel: true,
      in: { path: pathField, input: t.secret('The text', { required: true }) },
      out: { hash: t.string('As it stands in the records') },
    },
    ({ core }, { path, input }) => {
      const device = core.audit.device(mountPath(path));
      if (device === undefined) throw new CofferError('invalid_request', `unknown audit backend "${mountPath(path)}"`);
      return { hash: device.format.hash(input.revealText()) };
    },
  ),
];
