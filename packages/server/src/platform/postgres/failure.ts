/**
 * What the database or the way to it reports → the code and words others see. Callers are told the kind of failure and
 * PostgreSQL's code for it; which host it was, and the server's own words, go to the log. No password is in either, nor any
 * detail of a statement.
 */
import { CofferError, type ErrorCode } from '@coffer/schema/errors.ts';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** SQLSTATE, or the code of Node for a connection. */
  readonly state: string;
  /** What the server or the network said itself. */
  readonly reason: string;
  /** Another connection, now or in a moment, may do better. */
  readonly passing: boolean;
  /** The server refused one statement and undid the transaction, on a connection that is well. */
  readonly undone: boolean;
}

export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly code: string;

  constructor(code: 'ETIMEDOUT' | 'ECONNRESET' | 'WARNED', message: string) {
    super(message);
    this.code = code;
  }
}

type Row = readonly [code: ErrorCode, words: string, passing: boolean];

const failed = 'storage_failed';
/** By SQLSTATE, or its class of two letters. */
const states: { readonly [state: string]: Row } = {
  '08': [failed, 'broke the connection off', true],
  '25006': [failed, 'takes no writes: it is read-only, or a standby', true],
  '28': [failed, 'does not let this user in: check user, password and pg_hba.conf', false],
  '3D': [failed, 'has no database of this name', false],
  '3F': [failed, 'has no schema of this name', false],
  '40': [failed, 'undid the transaction in favour of another', true],
  '42501': [failed, 'does not permit this to the user: see docs/postgresql.md for the rights', false],
  '42P01': [failed, 'does not have the tables of the store', false],
  '53100': ['storage_full', 'has no space left on its disk', false],
  '53': [failed, 'has no connections or memory left: raise max_connections, or lower max_parallel', true],
  '55P03': [failed, 'was held by another node for too long', true],
  '57': [failed, 'is starting, shutting down, or gave the statement up', true],
  '58': [failed, 'has trouble with its disk', false],
  XX001: ['data_corrupt', 'is damaged', false],
  XX002: ['data_corrupt', 'is damaged', false],
};

/**
 * By its number: the server's word `ERROR` comes in the language it is set to. What is missing here is looked up, which takes
 * longer and is as safe.
 */
const undoing = /^(?:22|23|25006|40|42|53100|53200|54|55|57014)/;
const noPassword = 'NOPASSWORD';

const networkWords: { readonly [code: string]: string } = {
  ETIMEDOUT: 'does not answer in time',
  ENOTFOUND: 'is not found by its name',
  EAI_AGAIN: 'is not found by its name',
  [noPassword]: 'asks for a password, and none is given',
};

const tlsWords = 'cannot be trusted over TLS: check sslmode and sslrootcert';
const tlsCode = /CERT|TLS|SSL|SIGNATURE|ISSUER/;

const text = (error: object, key: string): string => {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : '';
};

/** The driver gives some failures no code, only a sentence of its own. */
const codeOf = (error: Error): string => {
  const code = text(error, 'code');
  if (code !== '') return code;
  if (/client password must be/.test(error.message)) return noPassword;
  if (/SSL|TLS|SASL|x509/.test(error.message)) return 'TLS';
  return error.message === 'timeout expired' ? 'ETIMEDOUT' : 'ECONNRESET';
};

export const failureOf = (cause: unknown): Failure => {
  const error = cause instanceof Error ? cause : new Error('unknown');
  const state = codeOf(error);
  const isServer = /^[0-9A-Z]{5}$/.test(state) && text(error, 'severity') !== '';
  const row: Row = isServer
    ? (states[state] ?? states[state.slice(0, 2)] ?? [failed, 'failed', false])
    : [failed, tlsCode.test(state) ? tlsWords : (networkWords[state] ?? 'cannot be reached'), state !== noPassword];
  const [code, words, passing] = row;
  const undone = isServer && undoing.test(state) && !/FATAL|PANIC/.test(text(error, 'severity'));
  return {
    code,
    message: `The database ${words} (${state}).`,
    state,
    reason: error.message.slice(0, 300),
    passing,
    undone,
  };
};

export const errorOf = ({ code, message }: Failure, cause?: unknown): CofferError =>
  new CofferError(code, message, { cause });

/** What came from the database becomes what callers are told; refusals of our own stay as they are. */
export const told = (cause: unknown): CofferError =>
  cause instanceof CofferError ? cause : errorOf(failureOf(cause), cause);
