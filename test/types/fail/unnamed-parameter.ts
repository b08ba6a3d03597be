// TS2322
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { read } = rowsFor<unknown>();

/** The path has a parameter that no field names. */
export const row = read('role/:name/:part', { summary: 'Read', in: { name: t.name('Name') } }, () => undefined);
