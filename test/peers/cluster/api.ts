/** The Kubernetes API for tests: JSON requests one by one, and watches, over Node's HTTPS. */
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { KubeObject } from '../../../packages/server/src/contracts/kube.ts';

const limitMs = 30_000;

export interface Answer {
  readonly status: number;
  /** The object, or the Status that says why not; what is not JSON stands in `text`. */
  readonly body: KubeObject;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Instead of the administrator's certificate. */
  readonly token?: string;
  /** Default: JSON, and for PATCH a JSON merge patch. */
  readonly contentType?: string;
}

export interface Told {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

export interface Api {
  /** Answers whatever the status is. */
  call(path: string, call?: Call): Promise<Answer>;
  /** Answers the object. Rejects with the server's message where the status is not 2xx. */
  ask(path: string, call?: Call): Promise<KubeObject>;
  /** `path` has `watch=true` in it. Ends when the server or the signal ends it; rejects where the stream breaks off. */
  watch(path: string, signal: AbortSignal): AsyncIterable<Told>;
}

export interface ApiAccess {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Default `test`; the audit log tells it. */
  readonly userAgent?: string;
}

const parse = (text: string): KubeObject => {
  try {
    return JSON.parse(text) as KubeObject;
  } catch {
    return { apiVersion: '', kind: '', metadata: { name: '' }, text };
  }
};

const send = (url: URL, options: RequestOptions, body = ''): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(url, options, resolve).on('error', reject).end(body);
  });

const read = async (message: IncomingMessage): Promise<string> => {
  message.setEncoding('utf8');
  return (await message.toArray()).join('');
};

async function* told(message: IncomingMessage): AsyncGenerator<Told> {
  let rest = '';
  for await (const chunk of message.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Told;
  }
}

/** The length is told by hand: Node leaves it out where a DELETE has a body. */
const headersOf = ({ method, token, contentType }: Call, body: string): { readonly [name: string]: string } => ({
  'content-length': String(Buffer.byteLength(body)),
  'content-type': contentType ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'),
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
});

/** Every call has a connection of its own, so that none is left open between a server and the next one on its port. */
export const makeApi = ({ server, ca, cert, key, userAgent = 'test' }: ApiAccess): Api => {
  const named = { 'user-agent': userAgent };
  const administrator = { ca, cert, key, agent: false as const };
  const call = async (path: string, asked: Call = {}): Promise<Answer> => {
    const who = asked.token === undefined ? administrator : { ca, agent: false as const };
    const signal = AbortSignal.timeout(limitMs);
    const text = asked.body === undefined ? '' : JSON.stringify(asked.body);
    const options = { ...who, method: asked.method ?? 'GET', headers: { ...named, ...headersOf(asked, text) }, signal };
    const message = await send(new URL(path, server), options, text);
    return { status: message.statusCode ?? 0, body: parse(await read(message)) };
  };
  return {
    call,
    ask: async (path, asked) => {
      const { status, body } = await call(path, asked);
      if (status >= 200 && status < 300) return body;
      throw new Error(`${asked?.method ?? 'GET'} ${path}: ${status} ${String(body['message'] ?? body['text'])}`);
    },
    watch: async function* (path, signal) {
      try {
        const message = await send(new URL(path, server), { ...administrator, headers: named, signal });
        yield* told(message);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
};
