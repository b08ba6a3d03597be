/** What the key/value engines are given, and the rows that take it. */
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx } from '../../../contracts/engine.ts';

export const kvNeeds = ['storage', 'clock', 'mountInfo'] as const;
export type KvCx = Cx<(typeof kvNeeds)[number]>;
export const rows = rowsFor<KvCx>();
