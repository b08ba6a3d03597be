/**
 * Records for work that one node does for all: each commit holds against the record of who leads. A node that was slow, and
 * does not know yet that another one leads by now, commits nothing.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Check } from '../../contracts/storage.ts';
import type { Records } from '../barrier/records.ts';

/** `none`: there is only one node. Undefined where this one does not lead. */
export type Fence = Check | 'none' | undefined;

const leadsNoMore = (): CofferError => new CofferError('not_active', 'another node does this work now');

export const fenced = (records: Records, fence: () => Fence): Records => ({
  get: (key, beside) => records.get(key, beside),
  range: (prefix, options) => records.range(prefix, options),
  commit: async changes => {
    const check = fence();
    if (check === 'none') return records.commit(changes);
    if (check === undefined) throw leadsNoMore();
    const result = await records.commit({ ...changes, checks: [...(changes.checks ?? []), check] });
    if (!result.ok && result.failed.key === check.key) throw leadsNoMore();
    return result;
  },
});
