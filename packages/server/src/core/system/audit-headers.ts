/** Rows of `sys/config/auditing/request-headers`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Reply } from '@coffer/schema/row.ts';
import { read, remove, write } from './context.ts';

const columns = { access: 'sudo', rootNamespaceOnly: true } as const;
const headerField = t.name('Name of the header, in any case', { folds: true });

export const auditHeaderRows = [
  read(
    'config/auditing/request-headers',
    {
      ...columns,
      summary: 'Show which request headers audit records have',
      out: { headers: t.map('By name, lower case: whether the value is hashed') },
    },
    ({ core }) => ({
      headers: new Map((core.auditHeaders.current ?? []).map(({ name, hmac }): [string, Out] => [name, { hmac }])),
    }),
  ),
  read(
    'config/auditing/request-headers/:header',
    {
      ...columns,
      summary: 'Show how a request header is audited',
      description: 'Answered under the name that was asked for: whether the value is hashed.',
      in: { header: headerField },
    },
    ({ core }, { header }) => {
      const found = core.auditHeaders.find(header);
      // Clients tell by these words that it is not there.
      if (found === undefined) throw new CofferError('invalid_request', 'Could not find header in config');
      return new Reply({ [header]: { hmac: found.hmac } });
    },
  ),
  write(
    'config/auditing/request-headers/:header',
    {
      ...columns,
      summary: 'Put a request header into audit records',
      description:
        'From the next record on, with up to 1024 characters of its value in clear, or with the hash of all of it. At most 32 headers. What carries credentials, by its name or by what stands in it, is hashed in any case, also by devices with `log_raw`.',
      in: { header: headerField, hmac: t.boolean('Hash the value', { default: false }) },
    },
    ({ core }, { header, hmac }) => core.auditHeaders.put(header, hmac),
  ),
  remove(
    'config/auditing/request-headers/:header',
    { ...columns, summary: 'Leave a request header out of audit records', in: { header: headerField } },
    ({ core }, { header }) => core.auditHeaders.remove(header),
  ),
];
