/**
 * The one record of errors. A `CofferError` names a code; every edge (HTTP, gRPC, Kubernetes conditions, exit codes)
 * reads this record and nothing else, and never matches text. Messages name things, never values.
 */

/** What an edge does with a code. `retry`: the same call may succeed later. `audit`: the refusal is written to audit. */
export interface ErrorFacts {
  readonly http: number;
  readonly grpc: GrpcStatus;
  readonly condition: string;
  readonly exit: number;
  readonly retry: boolean;
  readonly audit: boolean;
}

export type GrpcStatus =
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

export type ErrorCode =
  | 'invalid_request'
  | 'malformed_body'
  | 'malformed_target'
  | 'body_too_large'
  | 'headers_too_large'
  | 'unsupported_media_type'
  | 'request_timeout'
  | 'permission_denied'
  | 'bad_token'
  | 'not_found'
  | 'namespace_not_found'
  | 'no_mount'
  | 'unsupported_path'
  | 'unsupported_operation'
  | 'method_not_allowed'
  | 'behind_index'
  | 'conflict'
  | 'quota_exceeded'
  | 'sealed'
  | 'not_initialized'
  | 'not_active'
  | 'storage_failed'
  | 'storage_full'
  | 'data_corrupt'
  | 'audit_failed'
  | 'outcome_unknown'
  | 'unreachable'
  | 'usage'
  | 'internal';

const facts = (
  http: number,
  grpc: GrpcStatus,
  condition: string,
  exit: number,
  more: { retry?: boolean; audit?: boolean } = {},
): ErrorFacts => ({ http, grpc, condition, exit, retry: more.retry ?? false, audit: more.audit ?? true });

/** code → what each edge does with it. HTTP statuses as Vault's; exit 1 is a mistake here, 2 an answer from the server. */
export const errorFacts: { readonly [C in ErrorCode]: ErrorFacts } = {
  invalid_request: facts(400, 'INVALID_ARGUMENT', 'InvalidRequest', 2),
  malformed_body: facts(400, 'INVALID_ARGUMENT', 'MalformedBody', 2),
  malformed_target: facts(400, 'INVALID_ARGUMENT', 'MalformedTarget', 2, { audit: false }),
  body_too_large: facts(413, 'RESOURCE_EXHAUSTED', 'BodyTooLarge', 2),
  headers_too_large: facts(431, 'RESOURCE_EXHAUSTED', 'HeadersTooLarge', 2, { audit: false }),
  unsupported_media_type: facts(415, 'INVALID_ARGUMENT', 'UnsupportedMediaType', 2),
  request_timeout: facts(408, 'DEADLINE_EXCEEDED', 'RequestTimeout', 2, { retry: true }),
  permission_denied: facts(403, 'PERMISSION_DENIED', 'PermissionDenied', 2),
  bad_token: facts(403, 'UNAUTHENTICATED', 'BadToken', 2),
  not_found: facts(404, 'NOT_FOUND', 'NotFound', 2),
  namespace_not_found: facts(404, 'NOT_FOUND', 'NamespaceNotFound', 2, { audit: false }),
  no_mount: facts(404, 'NOT_FOUND', 'NoMount', 2),
  unsupported_path: facts(404, 'UNIMPLEMENTED', 'UnsupportedPath', 2),
  unsupported_operation: facts(405, 'UNIMPLEMENTED', 'UnsupportedOperation', 2),
  method_not_allowed: facts(405, 'UNIMPLEMENTED', 'MethodNotAllowed', 2, { audit: false }),
  behind_index: facts(412, 'ABORTED', 'BehindIndex', 2, { retry: true }),
  conflict: facts(409, 'ABORTED', 'Conflict', 2, { retry: true }),
  quota_exceeded: facts(429, 'RESOURCE_EXHAUSTED', 'QuotaExceeded', 2, { retry: true, audit: false }),
  sealed: facts(503, 'UNAVAILABLE', 'Sealed', 2, { retry: true, audit: false }),
  not_initialized: facts(503, 'FAILED_PRECONDITION', 'NotInitialized', 2, { audit: false }),
  not_active: facts(503, 'UNAVAILABLE', 'NotActive', 2, { retry: true, audit: false }),
  storage_failed: facts(500, 'UNAVAILABLE', 'StorageFailed', 2, { retry: true }),
  storage_full: facts(507, 'RESOURCE_EXHAUSTED', 'StorageFull', 2, { retry: true }),
  data_corrupt: facts(500, 'DATA_LOSS', 'DataCorrupt', 2),
  audit_failed: facts(500, 'UNAVAILABLE', 'AuditFailed', 2, { retry: true }),
  outcome_unknown: facts(500, 'INTERNAL', 'OutcomeUnknown', 2),
  unreachable: facts(502, 'UNAVAILABLE', 'Unreachable', 2, { retry: true }),
  usage: facts(400, 'INVALID_ARGUMENT', 'Usage', 1),
  internal: facts(500, 'INTERNAL', 'Internal', 2),
};

export interface CofferErrorOptions {
  readonly cause?: unknown;
  /** Seconds after which the caller may try again. */
  readonly retryAfterSeconds?: number;
}

/** The only error that may cross a module's edge. `publicMessage` goes to the caller; '' answers with an empty list. */
export class CofferError extends Error {
  override readonly name = 'CofferError';
  readonly code: ErrorCode;
  readonly publicMessage: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, publicMessage: string, options: CofferErrorOptions = {}) {
    super(publicMessage === '' ? code : publicMessage, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.publicMessage = publicMessage;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get facts(): ErrorFacts {
    return errorFacts[this.code];
  }
}

/** The text clients know for a refusal raised inside a mount or by a policy. */
export const oneError = (message: string): string => `1 error occurred:\n\t* ${message}\n\n`;
