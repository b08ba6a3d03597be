/**
 * The row `sys/events/subscribe`: the change stream as server-sent events, and as a WebSocket where the request asks for
 * one. A stream is a reply like any other: routed, authorised and audited before its first event.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { eventFilter } from '../events/filter.ts';
import type { ToldEvent } from '../events/told-event.ts';
import type { Filter } from '../filter/parse.ts';
import { pieces } from '../events/server-sent.ts';
import { messages } from '../events/socket-messages.ts';
import { cutAfter } from '../events/cut.ts';
import type { Subscription } from '../events/subscription.ts';
import { matchesGlob, patternLimit } from '../policies/glob.ts';
import { parametersOf } from '../request/policy.ts';
import { callerOf, read, type SystemCx } from './context.ts';

const namespacesLimit = 100;
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falsehoods: ReadonlySet<string> = new Set(['', '0', 'f', 'F', 'false', 'FALSE', 'False']);

const isJson = (given: string): boolean => {
  if (truths.has(given)) return true;
  if (falsehoods.has(given)) return false;
  throw new CofferError('invalid_request', 'invalid parameter for JSON: expected true or false');
};

/** What a client that comes back has seen says more than the address it first came to. */
const sinceOf = ({ exchange }: SystemCx, given: number | undefined): number | undefined => {
  const seen = exchange.wire.headers.get('last-event-id') ?? '';
  if (seen === '') return given;
  if (!/^[0-9]{1,15}$/.test(seen))
    throw new CofferError('invalid_request', 'Last-Event-ID: expected the id of an event');
  return Number(seen);
};

const checkPattern = (pattern: string): void => {
  if (pattern === '') throw new CofferError('invalid_request', 'did not specify eventType to subscribe to');
  if (pattern.length > patternLimit)
    throw new CofferError('invalid_request', `the event type is longer than ${patternLimit} characters`);
};

const checkNamespaces = (patterns: readonly string[]): void => {
  if (patterns.length > namespacesLimit || patterns.some(pattern => pattern.length > patternLimit))
    throw new CofferError(
      'invalid_request',
      `namespaces: at most ${namespacesLimit}, of ${patternLimit} characters each`,
    );
};

/** A WebSocket was asked for: whether the connection can become one. */
const wantsSocket = ({ exchange: { wire } }: SystemCx): boolean => {
  const upgrade = wire.headers.get('upgrade');
  if (upgrade === undefined) return false;
  if (wire.upgrades !== true) throw new CofferError('invalid_request', 'could not accept as websocket');
  return true;
};

interface Wish {
  readonly type?: string | undefined;
  readonly filter: string;
  readonly json: string;
  readonly namespaces: readonly string[];
  readonly since?: number | undefined;
}

const all: Filter<ToldEvent> = () => true;

const subscribe = (cx: SystemCx, wish: Wish): Promise<Subscription> => {
  const { type: pattern = '', filter, namespaces, since } = wish;
  checkPattern(pattern);
  checkNamespaces(namespaces);
  return cx.core.events.subscribe({
    opening: { path: cx.exchange.path, capability: 'read', parameters: parametersOf(cx.exchange) },
    token: callerOf(cx).token,
    wantsType: type => matchesGlob(pattern, type),
    wants: filter === '' ? all : eventFilter(filter),
    since: sinceOf(cx, since),
  });
};

const streamOf = async (cx: SystemCx, wish: Wish): Promise<Reply> => {
  const json = isJson(wish.json);
  const socket = wantsSocket(cx);
  const subscription = await subscribe(cx, wish);
  const cut = cutAfter(cx.core.clock, subscription);
  if (socket) return new Reply(undefined, { stream: { messages: messages(subscription, json), cut } });
  return new Reply(undefined, {
    // Proxies that gather answers before they pass them on are asked not to.
    headers: { 'X-Accel-Buffering': 'no' },
    stream: { contentType: 'text/event-stream', pieces: pieces(subscription), cut },
  });
};

export const eventRows = [
  read(
    'events/subscribe/:type*?',
    {
      summary: 'Follow what changes, as it changes',
      description:
        'As server-sent events; as a WebSocket where the request is a WebSocket handshake. Each event is told only to tokens whose policies give `list` and `subscribe` on its path and name its type in `subscribe_event_types`.',
      answer: 'stream',
      headers: ['upgrade', 'last-event-id'],
      in: {
        type: t.path('Types of events: `*` stands for any characters, as in `kv-v2/data-*`'),
        filter: t.string('Tells only events of which this is true: `data_path == secret/data/app`', { default: '' }),
        json: t.string('On a WebSocket: JSON in place of Protocol Buffers', { default: '' }),
        namespaces: t.list('Patterns of namespaces beside the own one', { default: [] }),
        since: t.natural('Goes on after this revision; from now on where it is left out'),
      },
    },
    (cx, wish) => streamOf(cx, wish),
  ),
];
