/** Makes the answer's bytes: the envelope clients know, the bare object of the seal rows, raw bytes, or the errors. */
import type { CofferError } from '@coffer/schema/errors.ts';
import { errorFacts } from '@coffer/schema/errors.ts';
import { writeTransient } from '@coffer/schema/json/write.ts';
import type { Reply, ReplyStream } from '@coffer/schema/row.ts';
import type { WireAnswer } from '../../contracts/wire.ts';
import { type Wrapped, wrapInfo } from '../wrapping/wrapped.ts';
import { holdBack } from './current.ts';
import { envelopeBytes } from './envelope.ts';
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import { commonHeaders, type Header, plainHeaders } from './plain-headers.ts';
import type { Stage } from './stage.ts';

const noHeaders: readonly Header[] = [];

export const encodeStage: Stage = {
  name: 'encode',
  afterFailure: () => true,
  run: (exchange, core) => {
    holdBack(exchange, core);
    if (exchange.error === undefined) exchange.answer = answerOf(exchange, stateOf(exchange, core));
    else {
      giveUp(exchange.reply);
      exchange.answer = errorAnswer(exchange.error);
    }
  },
};

/** Where even encoding failed. */
export const lastResort = (): WireAnswer => ({
  status: 500,
  headers: plainHeaders,
  body: writeTransient({ errors: ['internal error'] }),
  isTransient: true,
});

const errorAnswer = (error: CofferError): WireAnswer => {
  const headers: Header[] = [...plainHeaders];
  if (error.retryAfterSeconds !== undefined) headers.push(['Retry-After', String(Math.ceil(error.retryAfterSeconds))]);
  const errors = error.publicMessage === '' ? [] : [error.publicMessage];
  return { status: error.facts.http, headers, body: writeTransient({ errors }), isTransient: true };
};

/** Its answer does not leave. */
const giveUp = (reply: Reply | undefined): void => {
  const stream = reply?.extras.stream;
  if (stream === undefined) return;
  const source: AsyncIterable<unknown> = 'messages' in stream ? stream.messages : stream.pieces;
  const stopped = source[Symbol.asyncIterator]().return?.();
  stopped?.catch(() => undefined);
};

/** Who asks again with it gets no older answer, from no node. */
const stateOf = (exchange: Exchange, { nodes, barrier }: Core): string | undefined =>
  nodes.areMany && exchange.storeWasOpen && !barrier.sealed ? nodes.state : undefined;

const answerOf = (exchange: Exchange, state: string | undefined): WireAnswer => {
  const row = exchange.matched?.row;
  const { reply } = exchange;
  const extra = extraHeaders(exchange, reply, state);
  const raw = reply?.extras.raw;
  if (raw !== undefined)
    return {
      status: reply?.extras.status ?? 200,
      headers: [...commonHeaders, ['Content-Type', raw.contentType], ...extra],
      body: raw.bytes,
    };
  const stream = reply?.extras.stream;
  if (stream !== undefined) return streamAnswer(stream, extra);
  if (exchange.wrapped !== undefined)
    return { status: 200, headers: withState(plainHeaders, state), body: wrappedEnvelope(exchange.wrapped) };
  const empty = nothingToSay(exchange);
  if (empty === 'nothing')
    return {
      status: errorFacts.not_found.http,
      headers: plainHeaders,
      body: writeTransient({ errors: [] }),
      isTransient: true,
    };
  if (empty === 'done')
    return { status: 204, headers: extra.length === 0 ? commonHeaders : [...commonHeaders, ...extra], body: undefined };
  return {
    status: reply?.extras.status ?? row?.status ?? 200,
    headers: extra.length === 0 ? plainHeaders : [...plainHeaders, ...extra],
    body: row?.answer === 'bare' || exchange.wantsHelp ? writeTransient(reply?.data ?? {}) : envelopeBytes(exchange),
    isTransient: true,
  };
};

const streamAnswer = (stream: ReplyStream, extra: readonly Header[]): WireAnswer =>
  'messages' in stream
    ? { status: 101, headers: extra, body: undefined, messages: stream.messages, cut: stream.cut }
    : {
        status: 200,
        headers: [...commonHeaders, ['Content-Type', stream.contentType], ...extra],
        body: stream.pieces,
        cut: stream.cut,
      };

const withState = (headers: readonly Header[], state: string | undefined): readonly Header[] =>
  state === undefined ? headers : [...headers, ['X-Vault-Index', state]];

const extraHeaders = (exchange: Exchange, reply: Reply | undefined, state: string | undefined): readonly Header[] => {
  const given = reply?.extras.headers;
  const own: readonly Header[] = given === undefined ? noHeaders : Object.entries(given);
  const extra = withState(own, state);
  const namespace = exchange.wire.headers.get('x-vault-namespace');
  return namespace === undefined || !/^[\x20-\x7e]{0,200}$/.test(namespace)
    ? extra
    : [...extra, ['X-Vault-Namespace', namespace]];
};

/** A read or list without data is 404, a write without anything to say 204. */
export const nothingToSay = (exchange: Exchange): 'nothing' | 'done' | undefined => {
  const { reply, verb, warnings } = exchange;
  const silent =
    reply === undefined || (reply.data === undefined && reply.extras.auth === undefined && !reply.extras.status);
  if (!silent || (reply?.extras.warnings?.length ?? 0) > 0) return undefined;
  if (verb === 'read' || verb === 'list' || verb === 'scan') return 'nothing';
  return warnings.length > 0 ? undefined : 'done';
};

/** In place of the answer: where it lies, and nothing of it. */
const wrappedEnvelope = (wrapped: Wrapped): Uint8Array =>
  writeTransient({
    request_id: '',
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data: null,
    wrap_info: wrapInfo(wrapped),
    warnings: null,
    auth: null,
    mount_type: '',
  });
