/**
 * How bytes travel. A transport sends one request and answers with what came back, whatever the status; it follows no
 * redirect and repeats nothing. Where it cannot answer it throws `TransportError`, which says whether the server can have
 * seen the request: that decides whether a write may be sent again.
 */

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  /** Lower-case name → value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | undefined;
  /** A body that comes piece by piece, in place of `body`. */
  readonly source?: AsyncIterable<Uint8Array> | undefined;
  /** Takes the body of an answer that is no refusal, piece by piece; its `body` is then empty. */
  readonly sink?: Sink | undefined;
  readonly signal: AbortSignal;
}

/** The next piece comes once it has resolved. */
export type Sink = (piece: Uint8Array) => Promise<void> | void;

export interface WireAnswer {
  readonly status: number;
  /** Lower-case name → value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export type Transport = (request: WireRequest) => Promise<WireAnswer>;

/** Largest answer that is read into memory: what the server takes at most in one request, with room for the envelope. */
export const answerLimitBytes = 40 * 1024 * 1024;

/** No answer. `sent` is false only where it is certain that no byte of the request left. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly sent: boolean;

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, { cause });
    this.sent = sent;
  }
}

/** Failures that happen before a connection stands, as the runtimes name them. */
const beforeSending: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now'],
  ['EHOSTUNREACH', 'no route to the host'],
  ['ENETUNREACH', 'the network is unreachable'],
  ['ECONNRESET', 'connection reset'],
  ['EPROTO', 'TLS handshake failed: is this an http:// server?'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the server certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the server certificate is signed by an unknown authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the server certificate is signed by an unknown authority'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the server certificate is for another name'],
  ['ERR_OSSL_PEM_NO_START_LINE', 'the own certificate or its key is not PEM'],
  ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'the key does not belong to the own certificate'],
  ['CERT_HAS_EXPIRED', 'the server certificate has expired'],
]);

const codeOf = (cause: unknown): unknown => {
  if (typeof cause !== 'object' || cause === null) return undefined;
  if ('code' in cause) return cause.code;
  return 'cause' in cause ? codeOf(cause.cause) : undefined;
};

/** The runtime's failure in words that carry no header and no body. */
export const connectionError = (cause: unknown): TransportError => {
  const code = codeOf(cause);
  const reason = reasons.get(code) ?? (typeof code === 'string' ? `connection failed (${code})` : 'connection failed');
  return new TransportError(reason, !beforeSending.has(code), cause);
};

type Fetch = typeof globalThis.fetch;

/** An answer that is taken piece by piece, or is to be gathered. */
export const sinkFor = ({ sink }: WireRequest, status: number): Sink | undefined =>
  status >= 200 && status < 300 ? sink : undefined;

const readInto = async (response: Response, sink: Sink): Promise<Uint8Array> => {
  // Not every browser can loop over a body.
  const reader = response.body?.getReader();
  try {
    for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) await sink(step.value);
  } catch (cause) {
    await reader?.cancel().catch(() => undefined);
    throw cause;
  }
  return new Uint8Array();
};

const readLimited = async (response: Response): Promise<Uint8Array> => {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > answerLimitBytes) {
      await reader.cancel();
      throw new TransportError(`the answer is larger than ${answerLimitBytes} bytes`, true);
    }
    chunks.push(value);
  }
  return joinChunks(chunks, length);
};

export const joinChunks = (chunks: readonly Uint8Array[], length: number): Uint8Array => {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
};

const fetchedBody = ({ body, source }: WireRequest): object => {
  if (source !== undefined) return { body: source, duplex: 'half' };
  return body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> };
};

/** Sends with a `fetch`: the platform's own, in Node and in browsers. */
export const fetchTransport =
  (fetch: Fetch): Transport =>
  async request => {
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        redirect: 'manual',
        signal: request.signal,
        ...fetchedBody(request),
      });
      const sink = sinkFor(request, response.status);
      const body = await (sink === undefined ? readLimited(response) : readInto(response, sink));
      return { status: response.status, headers: new Map(response.headers), body };
    } catch (cause) {
      if (cause instanceof TransportError) throw cause;
      throw connectionError(cause);
    }
  };
