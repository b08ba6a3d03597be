// TS2322
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { write } = rowsFor<unknown>();

export const row = write(
  'role',
  { summary: 'Write', in: { ttl: t.duration('Life time', { default: '1h' }) } },
  () => undefined,
);
