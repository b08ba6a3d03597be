// TS2339
import { t } from '@coffer/schema/fields/t.ts';
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx } from '@coffer/server/contracts/engine.ts';

const { read } = rowsFor<Cx<'storage'>>();

/** The engine asked for storage, not for the clock. */
export const row = read('at/:key', { summary: 'Read', in: { key: t.name('Key') } }, cx => ({ at: cx.clock.now() }));
