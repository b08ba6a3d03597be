/** A store that is not as its anchor says serves nothing but what helps to find out and to accept it. */
import { CofferError } from '@coffer/schema/errors.ts';
import { systemRow } from './sealed.ts';
import type { Stage } from './stage.ts';

export const anchoredStage: Stage = {
  name: 'anchored',
  run: (exchange, core) => {
    if (!core.anchor.isDoubted) return;
    const row = systemRow(exchange, core);
    if (row?.whileSealed === true || row?.whileDoubted === true) return;
    throw new CofferError(
      'rolled_back',
      'the store is not as its anchor says: the log of the server tells why, and what to do',
    );
  },
};
