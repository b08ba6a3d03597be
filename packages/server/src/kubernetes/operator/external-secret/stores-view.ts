/** How all stores of an ExternalSecret are together: the first that cannot be used says what happens. */
import type { StoreRef } from '../../api/external-secret-data.ts';
import { type StoreName, storeNamed, storeWords } from '../store/store-key.ts';
import type { StoreState } from '../store/stores.ts';
import type { StoresView } from './decide.ts';

export interface StoreStates {
  state(name: StoreName): StoreState;
  /** Why the namespace may not use it; undefined: it may. */
  refusal(name: StoreName, namespace: string): string | undefined;
}

const viewOf = (states: StoreStates, name: StoreName, namespace: string): StoresView => {
  const state = states.state(name);
  if (state.kind === 'missing') {
    const text = `${storeWords(name)} is not there: make it, or correct secretStoreRef`;
    return { kind: 'failed', failure: { code: 'invalid_request', text } };
  }
  if (state.kind === 'foreign') return state;
  const refusal = states.refusal(name, namespace);
  if (refusal !== undefined) return { kind: 'failed', failure: { code: 'permission_denied', text: refusal } };
  return state;
};

export const storesView = (states: StoreStates, refs: readonly StoreRef[], namespace: string): StoresView => {
  const views = refs.map(ref => viewOf(states, storeNamed(ref, namespace), namespace));
  return (
    views.find(({ kind }) => kind === 'foreign') ??
    views.find(({ kind }) => kind === 'failed') ??
    views.find(({ kind }) => kind === 'pending') ?? { kind: 'ready' }
  );
};
