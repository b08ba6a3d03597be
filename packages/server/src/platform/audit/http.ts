/**
 * An audit target that posts each record to a URL, one after the other, over one connection that is kept. A record is
 * taken where the answer is 2xx; redirects are not followed, and nothing of an answer is kept.
 */
import { Agent, type ClientRequest, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Target } from './batches.ts';
import { linesOf } from './lines.ts';

export interface HttpTargetOptions {
  readonly uri: string;
  readonly headers: { readonly [name: string]: readonly string[] };
  /** How long one answer may take. */
  readonly limitMs: number;
}

export const httpTarget = (options: HttpTargetOptions): Target => {
  const url = new URL(options.uri);
  const isSecure = url.protocol === 'https:';
  const kept = { keepAlive: true, maxSockets: 1 };
  const agent = isSecure ? new SecureAgent(kept) : new Agent(kept);
  const headers = { 'content-type': 'application/json', ...plainHeaders(options.headers) };
  const open = (length: number): ClientRequest =>
    (isSecure ? secureRequest : request)(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': length },
    });
  return {
    write: async bytes => {
      for (const line of linesOf(bytes)) await post(open(line.length), line, options.limitMs);
    },
    reopen: async () => undefined,
    close: async () => agent.destroy(),
  };
};

const plainHeaders = (headers: HttpTargetOptions['headers']): { readonly [name: string]: string[] } =>
  Object.fromEntries(Object.entries(headers).map(([name, values]) => [name.toLowerCase(), [...values]]));

const post = (sent: ClientRequest, line: Buffer, limitMs: number): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Of the whole exchange: a peer that trickles its answer is not a healthy one.
  const timer = setTimeout(() => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), limitMs);
  sent.once('error', reject);
  sent.once('response', answer => {
    const status = answer.statusCode ?? 0;
    answer.once('error', reject);
    answer.once('end', () => (status >= 200 && status < 300 ? resolve() : reject(refused(status))));
    answer.resume();
  });
  sent.end(line);
  return promise.finally(() => clearTimeout(timer));
};

const refused = (status: number): CofferError =>
  new CofferError('audit_failed', `the audit server answered with status ${status}`);
