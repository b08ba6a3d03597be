/** A fake of a server with a change stream: what the table of the fake server does not answer, the test sends by hand. */
import type { FakeServer } from '@coffer/client/fake.ts';
import type { Runtime } from '@coffer/client/runtime.ts';
import { TransportError, type WireAnswer, type WireRequest } from '@coffer/client/transport.ts';

const subscribing = '/v1/sys/events/subscribe/';
const utf8 = new TextEncoder();

export interface FakeStream {
  /** Behind `subscribe/`. */
  readonly asked: string;
  readonly token: string | undefined;
  readonly isLeft: boolean;
  send(text: string): Promise<void>;
  /** Ends the answer. */
  end(): void;
}

interface Opened {
  readonly stream: FakeStream;
  readonly answer: Promise<WireAnswer>;
}

const wire = (status: number, body = '', type = 'application/json'): WireAnswer => ({
  status,
  headers: new Map([['content-type', type]]),
  body: utf8.encode(body),
});

const opened = (request: WireRequest): Opened => {
  const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>();
  const url = new URL(request.url);
  request.signal.addEventListener('abort', () => reject(new TransportError('aborted', true)));
  const stream: FakeStream = {
    asked: decodeURIComponent(url.pathname.slice(subscribing.length) + url.search),
    token: request.headers.get('x-vault-token'),
    get isLeft() {
      return request.signal.aborted;
    },
    send: async text => request.sink?.(utf8.encode(text)),
    end: () => resolve(wire(200)),
  };
  return { stream, answer: promise };
};

export class FakeStreams {
  /** In the order in which they were opened. */
  readonly streams: FakeStream[] = [];
  readonly #refusals: (WireAnswer | undefined)[] = [];

  /** The next streams are refused: by this status, or without a connection. */
  refuse(...refusals: readonly (readonly [status: number, body: string, type?: string] | 'unreachable')[]): this {
    this.#refusals.push(...refusals.map(refusal => (refusal === 'unreachable' ? undefined : wire(...refusal))));
    return this;
  }

  runtime(server: FakeServer): Runtime {
    const runtime = server.runtime();
    const transport: Runtime['transport'] = request =>
      new URL(request.url).pathname.startsWith(subscribing) ? this.#open(request) : runtime.transport(request);
    return { ...runtime, transport };
  }

  async #open(request: WireRequest): Promise<WireAnswer> {
    if (this.#refusals.length > 0) {
      const refusal = this.#refusals.shift();
      if (refusal === undefined) throw new TransportError('connection refused', false);
      return refusal;
    }
    const { stream, answer } = opened(request);
    this.streams.push(stream);
    return answer;
  }
}
