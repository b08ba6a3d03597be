/** The first token of a store, and those that a quorum of key holders makes later. */
import { rootNamespace } from '../namespaces/namespace.ts';
import { newServiceToken } from './format.ts';
import type { MadeToken, TokenStore } from './store.ts';
import type { Random } from '../../contracts/random.ts';

/** A token that may do everything and never ends. `id` is a text somebody chose, as in dev mode. */
export const makeRootToken = (tokens: TokenStore, random: Random, id?: string): Promise<MadeToken> =>
  tokens.make(
    {
      type: 'service',
      policies: ['root'],
      path: 'auth/token/root',
      displayName: 'root',
      meta: undefined,
      usesLeft: 0,
      creationTtlSeconds: 0,
      explicitMaxTtlSeconds: 0,
      periodSeconds: 0,
      renewable: false,
      parent: '',
      generation: 0,
      role: '',
      entityId: '',
      boundCidrs: [],
      namespaceId: rootNamespace.id,
    },
    id ?? newServiceToken(random),
  );
