/** Tokens that the core itself makes: nobody's children, without a role, bound to nothing. */
import { rootNamespace } from '../namespaces/namespace.ts';
import type { TokenDraft } from './store.ts';

/** Never ends, and may be used as often as one likes, unless `own` says otherwise. */
export const orphanDraft = (own: Pick<TokenDraft, 'policies' | 'path'> & Partial<TokenDraft>): TokenDraft => ({
  type: 'service',
  displayName: '',
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
  ...own,
});
