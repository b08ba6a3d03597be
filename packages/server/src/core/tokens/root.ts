/** The first token of a store, and those that a quorum of key holders makes later. */
import { newServiceToken } from './format.ts';
import { orphanDraft } from './orphan.ts';
import type { MadeToken, TokenStore } from './store.ts';
import type { Random } from '../../contracts/random.ts';

/** A token that may do everything and never ends. `id` is a text somebody chose, as in dev mode. */
export const makeRootToken = (tokens: TokenStore, random: Random, id?: string): Promise<MadeToken> =>
  tokens.make(
    orphanDraft({ policies: ['root'], path: 'auth/token/root', displayName: 'root' }),
    id ?? newServiceToken(random),
  );
