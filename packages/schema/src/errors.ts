/**
 * The one record of errors. A `CofferError` names a code; every edge (HTTP, gRPC, Kubernetes conditions, exit codes)
 * reads this record and nothing else, and never matches text. Messages name things, never values.
 */

/** What an edge does with a code. `retry`: the same call may succeed later. `audit`: the refusal is written to audit. */
export interface ErrorFacts {
  /** What happened, and what to do about it: for the reference, without a full stop. */
  readonly meaning: string;
  readonly advice: string;
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
  | 'not_current'
  | 'storage_failed'
  | 'storage_full'
  | 'data_corrupt'
  | 'rolled_back'
  | 'audit_failed'
  | 'outcome_unknown'
  | 'unreachable'
  | 'usage'
  | 'internal';

type Edges = readonly [http: number, grpc: GrpcStatus, condition: string, exit: number];
type Words = readonly [meaning: string, advice: string];

const facts = (
  [http, grpc, condition, exit]: Edges,
  [meaning, advice]: Words,
  { retry = false, audit = true }: { retry?: boolean; audit?: boolean } = {},
): ErrorFacts => ({ meaning, advice, http, grpc, condition, exit, retry, audit });

/** code → what each edge does with it. HTTP statuses as Vault's; exit 1 is a mistake here, 2 an answer from the server. */
export const errorFacts: { readonly [C in ErrorCode]: ErrorFacts } = {
  invalid_request: facts(
    [400, 'INVALID_ARGUMENT', 'InvalidRequest', 2],
    [
      'The request cannot be done as it is: a field is missing, out of range or contradicts another, a check-and-set failed',
      'Correct what the message names; after a failed check-and-set read the newest version first',
    ],
  ),
  malformed_body: facts(
    [400, 'INVALID_ARGUMENT', 'MalformedBody', 2],
    ['The body is not JSON, is no object, or nests deeper or holds more than is read', 'Send one JSON object in UTF-8'],
  ),
  malformed_target: facts(
    [400, 'INVALID_ARGUMENT', 'MalformedTarget', 2],
    [
      'The path or query is ambiguous or cannot be decoded',
      'Send the path plain, without `..`, `//`, control characters or broken percent signs',
    ],
    { audit: false },
  ),
  body_too_large: facts(
    [413, 'RESOURCE_EXHAUSTED', 'BodyTooLarge', 2],
    ['The body is larger than the operation reads', 'Send less, or split it into several secrets'],
  ),
  headers_too_large: facts(
    [431, 'RESOURCE_EXHAUSTED', 'HeadersTooLarge', 2],
    ['The head of the request is larger than the server reads', 'Send fewer or shorter headers'],
    { audit: false },
  ),
  unsupported_media_type: facts(
    [415, 'INVALID_ARGUMENT', 'UnsupportedMediaType', 2],
    [
      'The body has a content type that the operation does not take',
      'Send `application/json`, and `application/merge-patch+json` with PATCH',
    ],
  ),
  request_timeout: facts(
    [408, 'DEADLINE_EXCEEDED', 'RequestTimeout', 2],
    [
      'The request did not arrive, or was not answered, in the time it had',
      'Try again; look at the network and at the load of the server',
    ],
    { retry: true },
  ),
  permission_denied: facts(
    [403, 'PERMISSION_DENIED', 'PermissionDenied', 2],
    [
      'No token was sent, it is not valid (any more), or its policies do not allow this on this path',
      'Send a token whose policies give the capability; `coffer token capabilities PATH` shows what it may do',
    ],
  ),
  bad_token: facts(
    [403, 'UNAUTHENTICATED', 'BadToken', 2],
    [
      'The token that the request is about is unknown, expired or revoked',
      'Take another token: `coffer login`, `coffer token create`',
    ],
  ),
  not_found: facts(
    [404, 'NOT_FOUND', 'NotFound', 2],
    [
      'Nothing is stored at this path, or what was there is deleted',
      'Look at the path and, where there are versions, at the version; `coffer list` shows what is there',
    ],
  ),
  namespace_not_found: facts(
    [404, 'NOT_FOUND', 'NamespaceNotFound', 2],
    ['There is no such namespace', 'Correct `X-Vault-Namespace` or `-namespace`'],
    { audit: false },
  ),
  no_mount: facts(
    [404, 'NOT_FOUND', 'NoMount', 2],
    [
      'No mount serves this path',
      'Correct the path, or make the mount: `coffer secrets list`, `coffer secrets enable`',
    ],
  ),
  unsupported_path: facts(
    [404, 'UNIMPLEMENTED', 'UnsupportedPath', 2],
    ['The mount has no such path', 'Look into the reference or ask `coffer path-help PATH`'],
  ),
  unsupported_operation: facts(
    [405, 'UNIMPLEMENTED', 'UnsupportedOperation', 2],
    [
      'The path is there and does not have this operation',
      'Use another verb; `coffer path-help PATH` lists those there are',
    ],
  ),
  method_not_allowed: facts(
    [405, 'UNIMPLEMENTED', 'MethodNotAllowed', 2],
    ['The HTTP method has no meaning in this API', 'Use GET, POST, PUT, PATCH, DELETE or LIST'],
    { audit: false },
  ),
  behind_index: facts(
    [412, 'ABORTED', 'BehindIndex', 2],
    ['The server has not yet seen the state that the request asks for', 'Try again, here or at another node'],
    { retry: true },
  ),
  conflict: facts(
    [409, 'ABORTED', 'Conflict', 2],
    ['Somebody else changed the same thing at the same moment', 'Read it again and repeat the change'],
    { retry: true },
  ),
  quota_exceeded: facts(
    [429, 'RESOURCE_EXHAUSTED', 'QuotaExceeded', 2],
    ['Too many requests of this kind in this time', 'Wait as long as `Retry-After` says'],
    { retry: true, audit: false },
  ),
  sealed: facts(
    [503, 'UNAVAILABLE', 'Sealed', 2],
    ['The store is sealed: its key is not in memory', 'Open it: `coffer operator unseal`'],
    { retry: true, audit: false },
  ),
  not_initialized: facts(
    [503, 'FAILED_PRECONDITION', 'NotInitialized', 2],
    ['The store has no keys yet', 'Make them: `coffer operator init`'],
    { audit: false },
  ),
  not_active: facts(
    [503, 'UNAVAILABLE', 'NotActive', 2],
    ['This node does not answer requests itself', 'Ask the active node'],
    { retry: true, audit: false },
  ),
  not_current: facts(
    [503, 'UNAVAILABLE', 'NotCurrent', 2],
    [
      'The node cannot show that it knows all that other nodes wrote, so it serves nothing from memory',
      'Try again, here or at another node; where it lasts, look at the way from this node to the storage',
    ],
    { retry: true },
  ),
  storage_failed: facts(
    [500, 'UNAVAILABLE', 'StorageFailed', 2],
    [
      'The storage could not read or write; nothing that failed was acknowledged',
      'Look into the server log for the reason: rights, device, lock; then try again',
    ],
    { retry: true },
  ),
  storage_full: facts(
    [507, 'RESOURCE_EXHAUSTED', 'StorageFull', 2],
    ['No space is left where the store writes', 'Make space, then try again'],
    { retry: true },
  ),
  data_corrupt: facts(
    [500, 'DATA_LOSS', 'DataCorrupt', 2],
    [
      'What is stored is damaged, or is of a format that this version does not know',
      'Do not write on: take a newer version where the message says so, else restore from a back-up',
    ],
  ),
  rolled_back: facts(
    [503, 'DATA_LOSS', 'RolledBack', 2],
    [
      'The store is not as its anchor says: it was put back to an earlier state, or the anchor was lost',
      'Find out who did it and what is missing; `coffer operator accept-rollback` opens the store as it is',
    ],
  ),
  audit_failed: facts(
    [500, 'UNAVAILABLE', 'AuditFailed', 2],
    [
      'No audit device could take the record: the request was not done, or its answer is kept back',
      'Make the audit file writable again; after a write, read before repeating it',
    ],
    { retry: true },
  ),
  outcome_unknown: facts(
    [500, 'INTERNAL', 'OutcomeUnknown', 2],
    ['The request may have been done and may not', 'Read what is there before repeating it'],
  ),
  unreachable: facts(
    [502, 'UNAVAILABLE', 'Unreachable', 2],
    [
      'The server, or what it needs behind it, did not answer',
      'Look at the address, the network and whether the server runs',
    ],
    { retry: true },
  ),
  usage: facts(
    [400, 'INVALID_ARGUMENT', 'Usage', 1],
    [
      'The command or the client was called wrongly; nothing was sent',
      'Correct what the message names; `-h` explains a command',
    ],
  ),
  internal: facts(
    [500, 'INTERNAL', 'Internal', 2],
    [
      'A fault of Coffer; the message says no more, because it might hold a value',
      'Report it, with the request id and what the server log says at that time',
    ],
  ),
};

export interface CofferErrorOptions {
  readonly cause?: unknown;
  /** For audit alone, never for the caller: which rule refused and what it saw. Names that were proved, no values. */
  readonly because?: string | undefined;
  /** Seconds after which the caller may try again. */
  readonly retryAfterSeconds?: number;
}

/** The only error that may cross a module's edge. `publicMessage` goes to the caller; '' answers with an empty list. */
export class CofferError extends Error {
  override readonly name = 'CofferError';
  readonly code: ErrorCode;
  readonly publicMessage: string;
  readonly retryAfterSeconds: number | undefined;
  readonly because: string | undefined;

  constructor(code: ErrorCode, publicMessage: string, options: CofferErrorOptions = {}) {
    super(publicMessage === '' ? code : publicMessage, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.publicMessage = publicMessage;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.because = options.because;
  }

  get facts(): ErrorFacts {
    return errorFacts[this.code];
  }
}

/** The text clients know for a refusal raised inside a mount or by a policy. */
export const oneError = (message: string): string => `1 error occurred:\n\t* ${message}\n\n`;
