/**
 * How new the state is that an answer comes from, as the header `X-Vault-Index` says it: base64 of
 * `v1:<store id>:<revision>:0:`, the form that clients of Vault take apart to compare two of them. Whoever sends it back
 * gets no older answer. It is no secret and proves nothing: a made-up one makes its own sender wait.
 */
import { CofferError } from '@coffer/schema/errors.ts';

const valuesLimit = 16;
const form = /^v1:([0-9a-f]{1,64}):(\d{1,15}):\d{1,15}:[0-9a-f]*$/;

export const stateText = (storeId: string, revision: number): string => btoa(`v1:${storeId}:${revision}:0:`);

/** The latest revision asked for of this store; 0 where none is: states of other stores are another node's to know. */
export const askedRevision = (header: string, storeId: string): number => {
  const values = header.split(',');
  if (values.length > valuesLimit) throw malformed();
  return Math.max(...values.map(value => revisionIn(value.trim(), storeId)));
};

const revisionIn = (value: string, storeId: string): number => {
  const [, store, revision] = form.exec(decoded(value)) ?? [];
  if (store === undefined) throw malformed();
  return store === storeId ? Number(revision) : 0;
};

const decoded = (value: string): string => {
  try {
    return atob(value);
  } catch {
    throw malformed();
  }
};

const malformed = (): CofferError =>
  new CofferError('invalid_request', 'X-Vault-Index: expected what an answer of this store carried');
