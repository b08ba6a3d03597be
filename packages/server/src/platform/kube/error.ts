/**
 * What the API server refused, or that it could not be reached. `status` is 0 where there was no answer; `reason` is the
 * Status object's own, or one of ours. Messages name the request and what the server said of it; where that may quote a
 * value (a Secret was written, a token was asked about), only the fields it names.
 */
import { CofferError, type ErrorCode } from '@coffer/schema/errors.ts';
import { fieldsLimit, messageLimitChars } from './bounds.ts';

/** Ours: no connection came about; the connection broke or stayed silent; the answer cannot be read, or is too large. */
export type OwnReason = 'Unreachable' | 'NoAnswer' | 'Garbled' | 'TooLarge';

export interface KubeFacts {
  readonly status: number;
  readonly reason: string;
  /** What the Status is about, by its name. */
  readonly subject?: string | undefined;
  /** Fields that are wrong, or that others own. */
  readonly fields?: readonly string[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

export class KubeError extends CofferError {
  readonly status: number;
  readonly reason: string;
  readonly subject: string | undefined;
  readonly fields: readonly string[];

  constructor(code: ErrorCode, message: string, facts: KubeFacts) {
    const { retryAfterSeconds } = facts;
    super(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    this.status = facts.status;
    this.reason = facts.reason;
    this.subject = facts.subject;
    this.fields = facts.fields ?? [];
  }
}

/** status → our code, and the reason where the answer gives none. */
const byStatus = new Map<number, readonly [ErrorCode, string]>([
  [400, ['invalid_request', 'BadRequest']],
  [401, ['permission_denied', 'Unauthorized']],
  [403, ['permission_denied', 'Forbidden']],
  [404, ['not_found', 'NotFound']],
  [405, ['unsupported_operation', 'MethodNotAllowed']],
  [406, ['unsupported_media_type', 'NotAcceptable']],
  [409, ['conflict', 'Conflict']],
  [410, ['conflict', 'Expired']],
  [413, ['body_too_large', 'RequestEntityTooLarge']],
  [415, ['unsupported_media_type', 'UnsupportedMediaType']],
  [422, ['invalid_request', 'Invalid']],
  [429, ['quota_exceeded', 'TooManyRequests']],
  [503, ['unreachable', 'ServiceUnavailable']],
  [504, ['request_timeout', 'Timeout']],
]);

const known = (status: number): readonly [ErrorCode, string] =>
  byStatus.get(status) ?? (status >= 500 ? ['unreachable', 'InternalError'] : ['invalid_request', 'Unknown']);

/** Statuses whose text may quote what was sent. */
const quoting: ReadonlySet<number> = new Set([400, 422, 500]);

/** What a request was, for messages. `secret`: what was sent must not be quoted. */
export interface Asked {
  readonly what: string;
  readonly secret: boolean;
}

interface Status {
  readonly reason: string | undefined;
  readonly message: string;
  readonly subject: string | undefined;
  readonly fields: readonly string[];
  readonly retryAfterSeconds: number | undefined;
}

type Loose = { readonly [name: string]: unknown };
const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Control characters out, and no longer than is useful. */
const plain = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, messageLimitChars);

const causesOf = (details: Loose): readonly string[] =>
  (Array.isArray(details['causes']) ? details['causes'] : [])
    .slice(0, fieldsLimit)
    .flatMap(cause => textIn(loose(cause)['field']) ?? [])
    .map(plain);

const statusOf = (body: unknown): Status => {
  const status = loose(body);
  const details = loose(status['details']);
  const wait = details['retryAfterSeconds'];
  const isStatus = status['kind'] === 'Status';
  return {
    reason: isStatus ? textIn(status['reason']) : undefined,
    message: isStatus ? plain(textIn(status['message']) ?? '') : '',
    subject: textIn(details['name']),
    fields: causesOf(details),
    retryAfterSeconds: typeof wait === 'number' && wait > 0 ? wait : undefined,
  };
};

const saying = (status: Status, code: number, asked: Asked): string => {
  if (!asked.secret || !quoting.has(code)) return status.message;
  return status.fields.length === 0 ? '' : `look at ${status.fields.join(', ')}`;
};

export interface Refusal {
  readonly status: number;
  /** As parsed from JSON; whatever it is. */
  readonly body: unknown;
  readonly retryAfterSeconds?: number | undefined;
}

/** The error of an answer that is not 2xx, or of an ERROR event of a watch. */
export const refused = ({ status: code, body, retryAfterSeconds }: Refusal, asked: Asked): KubeError => {
  const status = statusOf(body);
  const [errorCode, usualReason] = known(code);
  const reason = status.reason ?? usualReason;
  const said = saying(status, code, asked);
  return new KubeError(errorCode, `${asked.what}: the API server answered ${code} ${reason}${said && `: ${said}`}`, {
    ...status,
    status: code,
    reason,
    retryAfterSeconds: retryAfterSeconds ?? status.retryAfterSeconds,
  });
};

const ownCodes: { readonly [R in OwnReason]: ErrorCode } = {
  Unreachable: 'unreachable',
  NoAnswer: 'outcome_unknown',
  Garbled: 'unreachable',
  TooLarge: 'unreachable',
};

/** The error where there is no answer, or none that can be read. `harmless`: nothing can have been changed. */
export const unanswered = (reason: OwnReason, message: string, harmless: boolean): KubeError =>
  new KubeError(harmless ? 'unreachable' : ownCodes[reason], message, { status: 0, reason });

const has =
  (...reasons: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof KubeError && reasons.includes(error.reason);

/** The object is not there, or its kind is not known to the API server: `provesAbsence` tells these apart. */
export const isNotFound = has('NotFound');
/** Changed since it was read, or a field is owned by another. */
export const isConflict = has('Conflict');
export const isAlreadyExists = has('AlreadyExists');
export const isForbidden = has('Forbidden');
export const isUnauthorized = has('Unauthorized');
/** The resource version is no longer kept: list again. */
export const isExpired = has('Expired', 'Gone');
/** The API server read it and says it is wrong: sending it again will not help. */
export const isInvalid = has('Invalid', 'BadRequest');
/** The answer is larger than is taken. */
export const isTooLarge = has('TooLarge');
/** No connection to the API server came about. */
export const isUnreachable = has('Unreachable');

/** The API server knows the kind, looked, and has no object of this name. Anything else that is 404 proves nothing. */
export const provesAbsence = (error: unknown, name: string): boolean =>
  error instanceof KubeError && isNotFound(error) && error.subject === name;
