/**
 * A refusal by the server, as a `CofferError`: its code follows from the status alone. The message names method, URL,
 * status and the server's own words; it never holds a body or a header that was sent.
 */
import { CofferError, type ErrorCode } from '@coffer/schema/errors.ts';
import type { Answer } from './answer.ts';
import { textsIn } from './members.ts';

const codes: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'invalid_request'],
  [401, 'bad_token'],
  [403, 'permission_denied'],
  [404, 'not_found'],
  [405, 'unsupported_operation'],
  [408, 'request_timeout'],
  [409, 'conflict'],
  [412, 'behind_index'],
  [413, 'body_too_large'],
  [415, 'unsupported_media_type'],
  [429, 'quota_exceeded'],
  [431, 'headers_too_large'],
  [501, 'not_initialized'],
  [502, 'unreachable'],
  [503, 'sealed'],
  [504, 'unreachable'],
  [507, 'storage_full'],
]);

/** The code of an HTTP status, for programs to tell failures apart by. */
export const codeOfStatus = (status: number): ErrorCode =>
  codes.get(status) ?? (status >= 500 ? 'internal' : 'invalid_request');

export interface Asked {
  readonly method: string;
  /** Without query values that the caller gave: a query may carry data. */
  readonly url: string;
}

const list = (errors: readonly string[]): string => errors.map(one => `* ${one.trimEnd()}`).join('\n');

const describe = (asked: Asked, answer: Answer, errors: readonly string[]): string => {
  const head = `Error making API request.\n\nURL: ${asked.method} ${asked.url}\nCode: ${answer.status}.`;
  const told = errors.length === 0 ? '' : ` Errors:\n\n${list(errors)}`;
  const id = answer.headers.get('x-request-id') ?? answer.requestId;
  return `${head}${told}${id === '' ? '' : `\n\nRequest: ${id}`}`;
};

/** The server answered, and refused. The message names method, address and the server's own words, never values. */
export class ServerError extends CofferError {
  readonly status: number;
  /** The server's own messages; empty where it had nothing to say, as for a path without a value. */
  readonly errors: readonly string[];
  readonly requestId: string;
  /** The whole answer: some refusals carry data. */
  readonly answer: Answer;

  constructor(asked: Asked, answer: Answer, retryAfterSeconds: number | undefined) {
    const errors = textsIn(answer.body, 'errors');
    super(
      codeOfStatus(answer.status),
      describe(asked, answer, errors),
      retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    );
    this.status = answer.status;
    this.errors = errors;
    this.requestId = answer.headers.get('x-request-id') ?? answer.requestId;
    this.answer = answer;
  }
}
