/** Why a store or an entry failed, in one line of a condition: what it is, and what to do. Names, never values. */
import { CofferError, type ErrorCode } from '@coffer/schema/errors.ts';

export interface Failure {
  readonly code: ErrorCode;
  /** `secret store "x" has no keys yet: make them (coffer operator init)` */
  readonly text: string;
}

/** What a whole store is in, whoever asks it for what. */
const storeStates: ReadonlyMap<ErrorCode, string> = new Map([
  ['sealed', 'is sealed: unseal it (coffer operator unseal), or start it anew where its seal opens by itself'],
  ['not_initialized', 'has no keys yet: make them (coffer operator init)'],
  ['unreachable', 'cannot be reached: look at its address, the network and whether it runs'],
  ['request_timeout', 'did not answer in time: look at the network and at its load'],
]);

const textLimitCharacters = 600;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, textLimitCharacters);

/** A fault is told without its text, which might hold a value. */
const asCofferError = (cause: unknown): CofferError =>
  cause instanceof CofferError ? cause : new CofferError('internal', 'a fault of the operator; its log names it');

/** `store` as in `secret store "x"`. */
export const failureOf = (cause: unknown, store: string): Failure => {
  const { code, publicMessage } = asCofferError(cause);
  const state = storeStates.get(code);
  return { code, text: state === undefined ? `${store}: ${oneLine(publicMessage)}` : `${store} ${state}` };
};
