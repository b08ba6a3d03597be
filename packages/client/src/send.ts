/**
 * One call: sends it, follows one redirect, repeats it where that is safe, and ends at the deadline. What comes out is an
 * answer of any status, or a `CofferError`.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { Answer } from './answer.ts';
import { parseJson } from './json.ts';
import { backoffMs, isRepeatable, mayRepeatStatus, retryAfterLimitSeconds, retryAfterSeconds } from './retry.ts';
import type { Runtime } from './runtime.ts';
import { type Transport, TransportError, type WireAnswer, type WireRequest } from './transport.ts';

export interface SendOptions {
  readonly retries: number;
  /** `Infinity`: none. */
  readonly timeoutMs: number;
  readonly followRedirect: boolean;
  readonly signal: AbortSignal | undefined;
}

type Unsent = Omit<WireRequest, 'signal'>;

const redirectTarget = (from: string, answer: WireAnswer): string | undefined => {
  const location = answer.headers.get('location');
  if (answer.status !== 307 || location === undefined || !URL.canParse(location, from)) return undefined;
  const target = new URL(location, from);
  const secure = new URL(from).protocol === 'https:';
  return target.protocol === 'https:' || (target.protocol === 'http:' && !secure) ? target.href : undefined;
};

const hasJson = (answer: WireAnswer): boolean => (answer.headers.get('content-type') ?? '').includes('json');

/** As callers see it. Throws `malformed_body` where it is no JSON although it says so. */
export const open = (answer: WireAnswer): Answer => {
  const isJson = answer.body.length > 0 && hasJson(answer);
  return new Answer(answer.status, answer.headers, {
    body: isJson ? parseJson(answer.body) : undefined,
    bytes: answer.body,
  });
};

/** Ends the call at its deadline or when the caller says so, whichever comes first. */
class Deadline {
  readonly controller = new AbortController();
  expired = false;
  readonly #stop: () => void;

  constructor(runtime: Runtime, options: SendOptions) {
    const cancel = Number.isFinite(options.timeoutMs)
      ? runtime.after(options.timeoutMs, () => {
          this.expired = true;
          this.controller.abort();
        })
      : () => {};
    const abort = (): void => this.controller.abort();
    if (options.signal?.aborted === true) abort();
    options.signal?.addEventListener('abort', abort);
    this.#stop = () => {
      cancel();
      options.signal?.removeEventListener('abort', abort);
    };
  }

  stop(): void {
    this.#stop();
  }
}

class Call {
  readonly #transport: Transport;
  readonly #runtime: Runtime;
  readonly #options: SendOptions;
  readonly #deadline: Deadline;
  #request: Unsent;
  #redirected = false;
  #attempt = 0;

  constructor(runtime: Runtime, request: Unsent, options: SendOptions) {
    this.#transport = runtime.transport;
    this.#runtime = runtime;
    this.#request = request;
    this.#options = options;
    this.#deadline = new Deadline(runtime, options);
  }

  async run(): Promise<Answer> {
    try {
      for (;;) {
        const answer = await this.#once();
        if (answer !== undefined) return open(answer);
      }
    } finally {
      this.#deadline.stop();
    }
  }

  /** `undefined`: go round again. */
  async #once(): Promise<WireAnswer | undefined> {
    let answer: WireAnswer;
    try {
      this.#checkEnded();
      answer = await this.#transport({ ...this.#request, signal: this.#deadline.controller.signal });
    } catch (cause) {
      return this.#failed(cause);
    }
    return this.#answered(answer);
  }

  async #answered(answer: WireAnswer): Promise<WireAnswer | undefined> {
    const target = this.#options.followRedirect ? redirectTarget(this.#request.url, answer) : undefined;
    if (target !== undefined && !this.#redirected) {
      this.#redirected = true;
      this.#request = { ...this.#request, url: target };
      return undefined;
    }
    const asked = retryAfterSeconds(answer.headers.get('retry-after'));
    const patient = asked === undefined || asked <= retryAfterLimitSeconds;
    if (!mayRepeatStatus(this.#request.method, answer.status) || !patient || !this.#another()) return answer;
    await this.#wait(asked === undefined ? undefined : asked * 1000);
    return undefined;
  }

  async #failed(cause: unknown): Promise<undefined> {
    this.#checkEnded();
    if (!(cause instanceof TransportError)) throw cause;
    const safe = !cause.sent || isRepeatable(this.#request.method);
    if (!safe || !this.#another()) throw this.#unreachable(cause);
    await this.#wait(undefined);
    return undefined;
  }

  #another(): boolean {
    return this.#attempt < this.#options.retries;
  }

  async #wait(askedMs: number | undefined): Promise<void> {
    const delayMs = askedMs ?? backoffMs(this.#attempt, this.#runtime.chance);
    this.#attempt += 1;
    const { signal } = this.#deadline.controller;
    await new Promise<void>(resolve => {
      const cancel = this.#runtime.after(delayMs, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }

  #checkEnded(): void {
    if (!this.#deadline.controller.signal.aborted) return;
    const { method, url } = this.#request;
    if (this.#deadline.expired) {
      throw new CofferError(
        'request_timeout',
        `${method} ${url}: no answer within ${this.#options.timeoutMs / 1000} s`,
      );
    }
    throw new CofferError('request_timeout', `${method} ${url}: ended by the caller`);
  }

  #unreachable(cause: TransportError): CofferError {
    const { method, url } = this.#request;
    return new CofferError('unreachable', `${method} ${url}: ${cause.message}`, { cause });
  }
}

export const send = (runtime: Runtime, request: Unsent, options: SendOptions): Promise<Answer> =>
  new Call(runtime, request, options).run();
