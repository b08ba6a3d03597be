/** An answer that was wrapped, in the words of the wire, and the one refusal of what is no wrapping token (any more). */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { wrappingPolicyName } from '../policies/builtin.ts';
import type { MadeToken } from '../tokens/store.ts';
import type { Token } from '../tokens/token.ts';

export interface Wrapped {
  readonly made: MadeToken;
  /** What is handed out: the text of the token, or a JWT around it. */
  readonly shown: string;
  /** Of the token inside the answer, where that makes one; `''` otherwise. */
  readonly wrappedAccessor: string;
}

/** The policy cannot be given to any other token. */
export const isWrapping = ({ policies }: Token): boolean => policies.length === 1 && policies[0] === wrappingPolicyName;

/** Opened by somebody else, expired, or never one: who hears this should ask who was first. */
export const invalidWrappingToken = (): CofferError =>
  new CofferError('invalid_request', 'wrapping token is not valid or does not exist');

export const wrapInfo = ({ made: { token }, shown, wrappedAccessor }: Wrapped): { readonly [name: string]: Out } => ({
  token: Secret.of(shown),
  accessor: token.accessor,
  ttl: token.creationTtlSeconds,
  creation_time: new Date(token.createdAtSeconds * 1000),
  creation_path: token.path,
  ...(wrappedAccessor === '' ? {} : { wrapped_accessor: wrappedAccessor }),
});
