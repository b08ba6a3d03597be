/** What one listener adds to the pipeline: whom to believe about the caller's address, its own limits and headers. */
import { type ErrorCode, errorFacts } from '@coffer/schema/errors.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { openBodyLimitBytes } from '@coffer/schema/row.ts';
import type { Handle, WireAnswer, WireRequest } from '../../contracts/wire.ts';
import { plainHeaders } from '../../core/request/plain-headers.ts';
import type { Deadline } from '../../http/deadlines.ts';
import { addressWithin, isAddress } from '../../platform/net/cidr.ts';
import type { ForwardedSettings, ListenerSettings } from '../configuration/configuration.ts';

type ResponseHeaders = ListenerSettings['responseHeaders'];

/** What of a listener may change while it listens. */
export interface ListenerState {
  responseHeaders: ResponseHeaders;
}

export interface ListenerService {
  readonly handle: Handle;
  readonly deadline: Deadline;
}

/** The pipeline as this listener serves it. */
export const listenerService = (
  handle: Handle,
  settings: ListenerSettings & { readonly state: ListenerState },
): ListenerService => {
  const { forwarded, maxRequestBytes, state } = settings;
  const limited = maxRequestBytes === undefined ? handle : withBodyLimit(handle, maxRequestBytes);
  const opened = settings.opens.size === 0 ? limited : withOpened(limited, settings.opens);
  const placed = forwarded === undefined ? opened : withForwarded(opened, forwarded);
  return {
    handle: request =>
      state.responseHeaders.size === 0 ? placed(request) : placed(request).then(answer => withHeaders(answer, state)),
    deadline: { seconds: settings.maxRequestSeconds, late: () => withHeaders(late(settings.maxRequestSeconds), state) },
  };
};

/** What the configuration says replaces what the rows say, up or down; but what strangers may send is never raised. */
const withBodyLimit =
  (handle: Handle, mostBytes: number): Handle =>
  request =>
    handle(
      derived(request, {
        body: limitBytes => request.body(limitBytes > openBodyLimitBytes ? mostBytes : Math.min(limitBytes, mostBytes)),
      }),
    );

/** Callers without a token may ask for this here. */
const withOpened =
  (handle: Handle, opens: ListenerSettings['opens']): Handle =>
  request =>
    handle(derived(request, { opens }));

/** What a late request still does is on record in audit. */
const late = (seconds: number): WireAnswer =>
  refusal('outcome_unknown', `the request took longer than ${seconds} s; its outcome is not known`);

const derived = (request: WireRequest, change: Partial<WireRequest>): WireRequest => ({
  method: request.method,
  rawTarget: request.rawTarget,
  headers: request.headers,
  peer: request.peer,
  upgrades: request.upgrades === true,
  body: limitBytes => request.body(limitBytes),
  pieces: limitBytes => request.pieces(limitBytes),
  ...change,
});

const withForwarded =
  (handle: Handle, settings: ForwardedSettings): Handle =>
  async request => {
    const address = forwardedAddress(request, settings);
    if (address === undefined)
      return refusal('invalid_request', 'the request did not come through an authorized proxy');
    return handle(derived(request, { peer: { ...request.peer, address } }));
  };

/** The address the proxies vouch for; undefined where the request must be refused. */
const forwardedAddress = (request: WireRequest, settings: ForwardedSettings): string | undefined => {
  const { address } = request.peer;
  const given = request.headers.get('x-forwarded-for');
  if (given === undefined) return settings.rejectNotPresent ? undefined : address;
  if (!settings.authorized.some(network => addressWithin(address, network)))
    return settings.rejectNotAuthorized ? undefined : address;
  const hops = given.split(',').map(hop => hop.trim());
  const hop = hops[hops.length - 1 - settings.hopSkips];
  return hop !== undefined && isAddress(hop) ? hop : undefined;
};

const refusal = (code: ErrorCode, message: string): WireAnswer => ({
  status: errorFacts[code].http,
  headers: plainHeaders,
  body: writeJson({ errors: [message] }),
});

/** An exact status wins over its class, its class over `default`. */
const withHeaders = (answer: WireAnswer, { responseHeaders }: ListenerState): WireAnswer => {
  if (responseHeaders.size === 0) return answer;
  const own = new Map<string, readonly [string, string]>();
  for (const key of ['default', `${Math.floor(answer.status / 100)}xx`, String(answer.status)]) {
    for (const [name, value] of responseHeaders.get(key) ?? []) own.set(name.toLowerCase(), [name, value]);
  }
  return {
    ...answer,
    headers: [...answer.headers.filter(([name]) => !own.has(name.toLowerCase())), ...own.values()],
  };
};
