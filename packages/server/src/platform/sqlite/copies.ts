/** Has a thread copy the store into a file of its own. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { StoredCopy } from '../../contracts/storage.ts';
import { failureOf } from './failure.ts';
import type { FromCopier } from './messages.ts';
import { SpooledCopy, type Spools } from '../storage/spool.ts';
import { startCopier } from './thread.ts';

const answerOf = (path: string, target: string): Promise<FromCopier> =>
  new Promise(resolve => {
    const thread = startCopier({ path, target });
    thread.once('message', resolve);
    thread.once('error', error => resolve({ kind: 'failed', failure: failureOf(error, path) }));
    thread.once('exit', () => resolve({ kind: 'failed', failure: failureOf(undefined, path) }));
  });

export const copyBy = async (path: string, spools: Spools): Promise<StoredCopy> => {
  const target = spools.take();
  const answer = await answerOf(path, target);
  if (answer.kind === 'copied') return new SpooledCopy(spools, target, { ...answer, picked: new Map() });
  await spools.giveBack(target);
  throw new CofferError(answer.failure.code, answer.failure.message);
};
