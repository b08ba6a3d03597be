// TS2344
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx } from '@coffer/server/contracts/engine.ts';

export const rows = rowsFor<Cx<'storage' | 'core'>>();
export const key = t.name('Key');
