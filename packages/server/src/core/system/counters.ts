/** Rows of `sys/internal/counters`: how much there is of something. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { read } from './context.ts';

const root = { rootNamespaceOnly: true } as const;

export const counterRows = [
  read(
    'internal/counters/tokens',
    {
      ...root,
      summary: 'Count the service tokens',
      description:
        'Counted at most once in ten minutes: in between the last count is answered. Batch tokens have no record.',
      out: { counters: t.map('`service_tokens`, with `total`') },
    },
    async ({ core }) => ({ counters: { service_tokens: { total: (await core.usage.current()).tokens } } }),
  ),
  read('internal/counters/entities', { ...root, summary: 'Refused: this store knows no entities' }, () => {
    throw new CofferError(
      'unsupported_operation',
      'there are no entities to count: identities are not part of this version',
    );
  }),
  read('internal/counters/requests', { ...root, summary: 'Refused: sys/metrics counts requests' }, () => {
    throw new CofferError(
      'unsupported_path',
      'The functionality has been removed on this path: sys/metrics counts requests, by mount, operation and status',
    );
  }),
];
