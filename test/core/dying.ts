/** A storage whose process dies at a commit. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Storage } from '../../packages/server/src/contracts/storage.ts';

/** A store whose process dies at the next commit: before it, or between it and the answer. */
export const dying = (store: Storage) => {
  const state: { dies: 'before' | 'after' | undefined } = { dies: undefined };
  const storage: Storage = {
    get: key => store.get(key),
    range: (prefix, options) => store.range(prefix, options),
    changes: (since, signal) => store.changes(since, signal),
    commit: async commit => {
      const dead = new CofferError('storage_failed', 'dead');
      if (state.dies === 'before') throw dead;
      const result = await store.commit(commit);
      if (state.dies === 'after') throw dead;
      return result;
    },
  };
  return { storage, state };
};
