// TS2322
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { read } = rowsFor<unknown>();

export const row = read(
  'role/:name',
  { summary: 'Read', access: 'public', in: { name: t.name('Name') } },
  () => undefined,
);
