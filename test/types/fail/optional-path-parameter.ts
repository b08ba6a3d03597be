// TS2322
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { read } = rowsFor<unknown>();

/** `:part?` may be absent. */
export const row = read('role/:part?', { summary: 'Read', in: { part: t.name('Part') } }, (_, { part }) => {
  const always: string = part;
  return { always };
});
