// TS2322
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';

export const mode = t.oneOf(['fast', 'safe'], 'Mode', { default: 'slow' });
export const rows = rowsFor<unknown>();
