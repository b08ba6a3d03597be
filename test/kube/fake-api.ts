/** A fake API server that answers what a test tells it to, faults included, and a clock a hundred times too fast. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../packages/server/src/contracts/clock.ts';
import type { Log } from '../../packages/server/src/contracts/log.ts';
import type { Resource } from '../../packages/server/src/contracts/kube.ts';
import type { Credentials, Identity } from '../../packages/server/src/platform/kube/credentials.ts';
import { clientOf } from '../../packages/server/src/platform/kube/client.ts';
import { senderOf } from '../../packages/server/src/platform/kube/send.ts';
import { transportOf } from '../../packages/server/src/platform/kube/transport.ts';
import { realRandom } from '../../packages/server/src/platform/random/real.ts';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Step = (response: ServerResponse, heard: Heard) => void;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

export interface FakeApi {
  readonly url: URL;
  readonly heard: Heard[];
  /** What the next requests are answered, one each. A request too many is answered 500. */
  next(...steps: readonly Step[]): void;
  close(): Promise<void>;
}

export const fakeApi = async (): Promise<FakeApi> => {
  const heard: Heard[] = [];
  const steps: Step[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then(body => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
      const one = { method: request.method ?? '', path: pathname, query: searchParams, headers: request.headers, body };
      heard.push(one);
      const step = steps.shift() ?? answer(500, { kind: 'Status', reason: 'NoStepLeft' });
      step(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    heard,
    next: (...more) => void steps.push(...more),
    close: () => {
      server.closeAllConnections();
      return new Promise(done => server.close(() => done()));
    },
  };
};

/** A step: one JSON answer. */
export const answer =
  (status: number, body: unknown, headers: { readonly [name: string]: string } = {}): Step =>
  response => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const statusBody = (code: number, reason: string, more: object = {}) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason,
  code,
  message: `${reason} it is`,
  ...more,
});

export const refusal = (code: number, reason: string, more: object = {}): Step =>
  answer(code, statusBody(code, reason, more));

/** A step: text in pieces, and how it ends. */
export const pieces =
  (texts: readonly string[], end: 'end' | 'break' | 'silence' = 'end'): Step =>
  response => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const text of texts) response.write(text);
    response.flushHeaders();
    if (end === 'end') response.end();
    if (end === 'break') setTimeout(() => response.destroy(), 20);
  };

/** A step: the connection breaks without an answer. */
export const hangUp: Step = response => void response.destroy();
/** A step: no answer ever. */
export const silence: Step = () => undefined;

export const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

export const configMaps: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
export const secrets: Resource = { ...configMaps, plural: 'secrets', kind: 'Secret' };

export const configMap = (name: string, resourceVersion: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'a', uid: `uid-${name}`, resourceVersion },
  ...more,
});

export const listOf = (resourceVersion: string, items: readonly object[], next?: string) => ({
  kind: 'ConfigMapList',
  metadata: { resourceVersion, continue: next },
  items,
});

const speed = 100;

export const quickClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now() * speed,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs / speed);
    return () => clearTimeout(timer);
  },
};

export interface Logged {
  readonly log: Log;
  readonly lines: string[];
}

export const keptLog = (): Logged => {
  const lines: string[] = [];
  const log: Log = {
    write: (level, message, fields) => void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    with: () => log,
  };
  return { log, lines };
};

const nobody: Identity = { impersonation: {} };
export const anybody: Credentials = { current: async () => nobody, refused: () => false };

/** The client against a fake, on the quick clock. */
export const clientFor = (url: URL, credentials: Credentials = anybody) => {
  const clock = quickClock;
  const random = realRandom();
  const endpoint = { url, ca: async () => undefined, insecure: false };
  const transport = transportOf({ endpoint, credentials, clock, userAgent: 'coffer-test' });
  const kube = clientOf({ sender: senderOf({ transport, credentials, clock, random }), clock, random });
  return { kube, clock, random, close: () => transport.close() };
};
