// TS2339
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { write } = rowsFor<unknown>();

export const row = write('role/:name', { summary: 'Write', in: { name: t.name('Name') } }, (_, args) => ({
  seen: args.nmae,
}));
