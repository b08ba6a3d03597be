// TS2345
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { read } = rowsFor<unknown>();

/** A path with parameters needs `in`. */
export const row = read('role/:name', { summary: 'Read' }, () => undefined);
export const field = t.name('Name');
