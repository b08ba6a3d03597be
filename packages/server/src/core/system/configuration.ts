/** Rows of the configuration: what of it can be shown, and taking anew what may change while the server runs. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { read, write } from './context.ts';

export const configurationRows = [
  read(
    'config/state/sanitized',
    {
      summary: 'Show the configuration in force, without secrets',
      rootNamespaceOnly: true,
      out: {
        api_addr: t.string('Where clients reach this server'),
        cluster_name: t.string('Name of the cluster'),
        default_lease_ttl: t.integer('Seconds'),
        max_lease_ttl: t.integer('Seconds'),
        log_level: t.string('Level of the log'),
        log_format: t.string('Form of the log'),
        listeners: t.list('Where the server listens: type and config'),
        storage: t.map('Type of the storage'),
        seals: t.list('Type of the seal'),
        audit: t.list('Devices of the configuration: type and path'),
      },
    },
    ({ core }) => new Reply(core.configuration.shown()),
  ),
  write(
    'config/reload/:subsystem',
    {
      summary: 'Take a part of the configuration anew, as it is now',
      description:
        '`audit`: devices of the configuration, and audit files opened anew. `listener`: response headers and certificates. `log_level`: the level of the log. The same as SIGHUP, part by part; what fails is answered and leaves in force what was.',
      access: 'sudo',
      rootNamespaceOnly: true,
      in: { subsystem: t.name('audit, listener or log_level') },
    },
    async ({ core }, { subsystem }) => {
      const { parts } = core.configuration;
      if (!parts.includes(subsystem))
        throw new CofferError('invalid_request', `unknown subsystem: expected one of ${parts.join(', ')}`);
      await core.configuration.reload(subsystem);
    },
  ),
];
