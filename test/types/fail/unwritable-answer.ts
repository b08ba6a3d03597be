// TS2322
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

const { read } = rowsFor<unknown>();

/** A function cannot be written as JSON. */
export const row = read('role', { summary: 'Read', out: { ttl: t.duration('Life time') } }, () => ({ ttl: () => 60 }));
