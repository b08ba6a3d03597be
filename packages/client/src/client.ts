/**
 * The client for applications: requests with their envelope, refusals as `CofferError`, key/value secrets, wrapped tokens.
 * It holds the token as a `Secret` and never prints it. Works in Node from version 20 and in browsers, without dependencies.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { Answer } from './answer.ts';
import { absent, namesOf } from './absent.ts';
import { Called } from './called.ts';
import { ServerError } from './errors.ts';
import { jsonBytes } from './json.ts';
import { type EventOptions, follow, type Followed } from './events.ts';
import { keepAlive, type KeepAlive, type KeepAliveOptions } from './keep-alive.ts';
import { Kv } from './kv.ts';
import { type Mount, Mounts } from './mounts.ts';
import { checkHeaderValue, checkToken, type ClientOptions, type Settings, settingsOf } from './options.ts';
import { encodePath, encodeQuery, type Query } from './path.ts';
import type { Method, Request } from './request.ts';
import { retryAfterSeconds } from './retry.ts';
import { type Runtime, systemRuntime } from './runtime.ts';
import { open, send, type SendOptions } from './send.ts';
import { TransportError, type WireRequest } from './transport.ts';
import type { Call, CallOutput, CallInput, PathOf, VerbOf } from './typed.ts';
import { typedRequest } from './typed.ts';

/** Methods that many HTTP stacks refuse are sent as a GET that says so. */
const asGet: ReadonlyMap<Method, string> = new Map([
  ['LIST', 'list'],
  ['SCAN', 'scan'],
]);

const contentType = (method: Method): string =>
  method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';

/**
 * A client of one server. Every call rejects with `ServerError` where the server refused and with `CofferError` where no
 * answer came; its `code` says which: `permission_denied`, `unreachable`, `request_timeout` …
 */
export class Coffer {
  readonly #settings: Settings;
  readonly #runtime: Runtime;
  readonly #mounts: Mounts;
  #token: Secret | undefined;
  /** The newest state this client has seen; sent along so that an older node waits instead of answering. */
  #index: string | undefined;

  constructor(options: ClientOptions) {
    this.#settings = settingsOf(options);
    this.#runtime = options.runtime ?? systemRuntime();
    this.#token = this.#settings.token;
    this.#mounts = new Mounts(path => this.request({ method: 'GET', path }));
  }

  get address(): string {
    return this.#settings.address;
  }

  get token(): Secret | undefined {
    return this.#token;
  }

  /**
   * The token of the calls that follow; none for `undefined` and for empty text. Throws `usage` where it has characters
   * that no header can carry.
   */
  setToken(token: Secret | string | undefined): void {
    this.#token = checkToken(token);
    this.#mounts.forget();
  }

  /** Throws `ServerError` for a refusal, `CofferError` where no answer came. */
  async request(request: Request): Promise<Answer> {
    const { method, url } = this.#target(request);
    const answer = await send(
      this.#runtime,
      {
        method,
        url,
        headers: this.#headers(request),
        body: bodyOf(request),
        source: request.source,
        sink: request.sink,
      },
      { ...this.#settings, ...flowing(request), signal: request.signal },
    );
    const index = answer.headers.get('x-vault-index');
    if (index !== undefined && index !== '') this.#index = index;
    if ((answer.status >= 200 && answer.status < 300) || request.accept?.includes(answer.status)) return answer;
    throw this.#refusal(request, answer);
  }

  /** `undefined` where nothing is stored at the path; a deleted version is an answer without data. */
  async read(path: string, query?: Query): Promise<Answer | undefined> {
    return absent(this.request({ method: 'GET', path, query }));
  }

  /** The names below a path, folders with a `/` at their end; none where there is no such path. */
  async list(path: string): Promise<readonly string[]> {
    return namesOf(await absent(this.request({ method: 'LIST', path })));
  }

  /** Sends the members of `body` to a path, such as `auth/token/create`; the answer has no data where the server sent none. */
  write(path: string, body: Out = {}): Promise<Answer> {
    return this.request({ method: 'PUT', path, body });
  }

  /** Changes the members that `body` has and keeps the others; `null` removes one (RFC 7396). */
  patch(path: string, body: Out): Promise<Answer> {
    return this.request({ method: 'PATCH', path, body });
  }

  /** Deletes what is at a path. Nothing there is no failure to most engines. */
  async delete(path: string): Promise<void> {
    await this.request({ method: 'DELETE', path });
  }

  /** One operation of the API, its path, input and answer typed: `call('sys/mounts/:path*', 'read', { path: 'secret' })`. */
  async call<P extends PathOf, V extends VerbOf<P>>(
    path: P,
    verb: V,
    input: CallInput<P, V>,
  ): Promise<Called<CallOutput<P, V>>> {
    const call: Call = { path, verb, input: input as Call['input'] };
    return new Called(await this.request(typedRequest(call)));
  }

  /** Key/value secrets of one mount, whichever version it has. */
  kv(mount: string): Kv {
    return new Kv(this, mount);
  }

  /** The mount that serves a path, asked once for each mount. */
  mountOf(path: string): Promise<Mount> {
    return this.#mounts.of(path);
  }

  /** What a wrapping token holds. It works once: a second time is refused, which tells you that somebody was first. */
  unwrap(token: Secret | string): Promise<Answer> {
    return this.request({ method: 'PUT', path: 'sys/wrapping/unwrap', token: checkToken(token) ?? null });
  }

  /**
   * What changes in the store, as it changes: events of a type such as `kv-v2/data-*`, until the caller leaves the loop.
   * Comes back by itself where the connection ends, and goes on where it was. Throws where the server refuses, and where
   * the token ends.
   */
  events(type: string, options: EventOptions = {}): AsyncGenerator<Followed, void, undefined> {
    const path = `sys/events/subscribe/${type}`;
    return follow(
      this.#runtime,
      { type, open: (query, taking) => this.#stream({ method: 'GET', path, query }, taking) },
      options,
    );
  }

  /** Renews the token before it ends, until stopped or until the server says no. */
  keepTokenAlive(options: KeepAliveOptions = {}): KeepAlive {
    const renew = (): Promise<Answer> => this.request({ method: 'PUT', path: 'auth/token/renew-self', body: {} });
    return keepAlive(
      { renew, lookup: () => this.request({ method: 'GET', path: 'auth/token/lookup-self' }) },
      this.#runtime,
      options,
    );
  }

  toString(): string {
    return `Coffer ${this.#settings.address}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Resolves when the server has ended the answer. */
  async #stream(request: Request, taking: Pick<WireRequest, 'sink' | 'signal'>): Promise<void> {
    const { method, url } = this.#target(request);
    const headers = this.#headers(request).set('accept', 'text/event-stream');
    const answer = await this.#runtime
      .transport({ method, url, headers, body: undefined, ...taking })
      .catch((cause: unknown) => {
        throw cause instanceof TransportError ? unreachable(`${method} ${url.split('?', 1)[0]}`, cause) : cause;
      });
    if (answer.status < 200 || answer.status >= 300) throw this.#refusal(request, open(answer));
  }

  #target(request: Request): { readonly method: string; readonly url: string } {
    const flag = asGet.get(request.method);
    const query = new Map(request.query);
    if (flag !== undefined) query.set(flag, 'true');
    const url = `${this.#settings.address}/v1/${encodePath(request.path)}${encodeQuery(query)}`;
    return { method: flag === undefined ? request.method : 'GET', url };
  }

  #headers(request: Request): Map<string, string> {
    const headers = new Map([...this.#settings.headers, ...(request.headers ?? [])]);
    headers.set('x-vault-request', 'true');
    const token = request.token === undefined ? this.#token : request.token;
    if (token !== undefined && token !== null) headers.set('x-vault-token', token.revealText());
    if (this.#settings.namespace !== '') headers.set('x-vault-namespace', this.#settings.namespace);
    if (request.wrapTtl !== undefined) headers.set('x-vault-wrap-ttl', checkHeaderValue('wrap TTL', request.wrapTtl));
    if (this.#index !== undefined) headers.set('x-vault-index', this.#index);
    if (request.body !== undefined) headers.set('content-type', contentType(request.method));
    return headers;
  }

  #refusal(request: Request, answer: Answer): ServerError {
    const { method } = this.#target(request);
    const url = `${this.#settings.address}/v1/${encodePath(request.path)}`;
    return new ServerError({ method, url }, answer, retryAfterSeconds(answer.headers.get('retry-after')));
  }
}

const unreachable = (asked: string, cause: TransportError): CofferError =>
  new CofferError('unreachable', `${asked}: ${cause.message}`, { cause });

/** What has begun to flow cannot be begun anew, and takes as long as it takes. */
const flowing = ({ source, sink }: Request): Partial<SendOptions> =>
  source === undefined && sink === undefined
    ? {}
    : { retries: 0, timeoutMs: Number.POSITIVE_INFINITY, followRedirect: source === undefined };

const bodyOf = (request: Request): Uint8Array | undefined =>
  request.body === undefined ? undefined : jsonBytes(request.body);

/** A client; nothing is sent yet. Throws `usage` for options that cannot work, such as an address that is no URL. */
export const createClient = (options: ClientOptions): Coffer => new Coffer(options);
