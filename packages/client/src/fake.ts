/**
 * A fake server for tests of programs that use the client: answers from a table, remembers what it was asked, and has a
 * clock that the test turns. No network, no waiting.
 */
import type { Out } from '@coffer/schema/out.ts';
import { jsonBytes, parseJson } from './json.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import type { Runtime } from './runtime.ts';
import { sinkFor, TransportError, type WireAnswer, type WireRequest } from './transport.ts';

export interface FakeAnswer {
  readonly status?: number;
  readonly body?: Out;
  /** In place of `body`: these bytes. */
  readonly raw?: string;
  readonly headers?: { readonly [name: string]: string };
  /** In place of an answer: the connection fails, before or after the request was sent. */
  readonly fails?: 'before' | 'after';
  /** Never answers; ends when the caller does. */
  readonly hangs?: true;
}

export interface FakeRequest {
  readonly method: string;
  /** Below `/v1/`, with its query, as it was sent. */
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Json | undefined;
}

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

const encoder = new TextEncoder();

/** Answers 404 where the table has nothing. */
export class FakeServer {
  readonly requests: FakeRequest[] = [];
  readonly waitsMs: number[] = [];
  readonly #answers = new Map<string, FakeAnswer[]>();
  readonly #timers = new Set<Timer>();
  #nowMs = 0;

  /** Answers `METHOD path` by these in turn; the last one stays. */
  on(request: string, ...answers: readonly FakeAnswer[]): this {
    this.#answers.set(request, [...answers]);
    return this;
  }

  /** For `createClient`: requests come here, and its timers wait for `next`. */
  runtime(): Runtime {
    return {
      transport: request => this.#answer(request),
      after: (delayMs, task) => this.#after(delayMs, task),
      chance: () => 0,
    };
  }

  /** Turns the clock to the next timer, and runs it. */
  async next(): Promise<void> {
    const [first] = [...this.#timers].toSorted((left, right) => left.atMs - right.atMs);
    if (first === undefined) throw new TypeError('no timer is waiting');
    this.#timers.delete(first);
    this.#nowMs = first.atMs;
    first.task();
    await this.settle();
  }

  /** Lets everything run that waits for nothing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }

  get timers(): number {
    return this.#timers.size;
  }

  #after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.waitsMs.push(delayMs);
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async #answer(request: WireRequest): Promise<WireAnswer> {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/v1\//, '') + url.search;
    const body = request.body === undefined ? undefined : parseJson(request.body);
    this.requests.push({ method: request.method, path, headers: request.headers, body });
    const waiting = this.#answers.get(`${request.method} ${path}`) ?? [{ status: 404, body: { errors: [] } }];
    const answer: FakeAnswer = (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? {};
    if (answer.hangs === true) await this.#hang(request.signal);
    if (answer.fails !== undefined) throw new TransportError('connection refused', answer.fails === 'after');
    const told = wireAnswer(answer);
    const sink = sinkFor(request, told.status);
    if (sink === undefined) return told;
    await sink(told.body);
    return { ...told, body: new Uint8Array() };
  }

  #hang(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new TransportError('aborted', true)));
    });
  }
}

const wireAnswer = (answer: FakeAnswer): WireAnswer => {
  const content = answer.raw === undefined ? undefined : encoder.encode(answer.raw);
  const body = content ?? (answer.body === undefined ? new Uint8Array() : jsonBytes(answer.body));
  const type: [string, string][] = body.length === 0 ? [] : [['content-type', 'application/json']];
  return {
    status: answer.status ?? (body.length === 0 ? 204 : 200),
    headers: new Map([...type, ...Object.entries(answer.headers ?? {})]),
    body,
  };
};

/** The envelope around data, as the server sends it. */
export const enveloped = (data: Out, more: { readonly [name: string]: Out } = {}): FakeAnswer => ({
  body: {
    request_id: '6d1c8f3e-9f0a-4c55-8b7e-0d5f3a1f9a11',
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: null,
    auth: null,
    ...more,
  },
});
