/** What one listener adds to the pipeline: whom to believe about the caller's address, its own limits and headers. */
import { CofferError } from '@coffer/schema/errors.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import type { Handle, WireAnswer, WireRequest } from '../../contracts/wire.ts';
import { addressWithin } from '../../platform/net/cidr.ts';
import type { ForwardedSettings, ListenerSettings } from '../configuration/configuration.ts';

/** The pipeline as this listener serves it. */
export const listenerHandle = (handle: Handle, settings: ListenerSettings): Handle => {
  const { forwarded, maxRequestBytes, responseHeaders } = settings;
  const limited = maxRequestBytes === undefined ? handle : withBodyLimit(handle, maxRequestBytes);
  const placed = forwarded === undefined ? limited : withForwarded(limited, forwarded);
  return responseHeaders.size === 0 ? placed : withHeaders(placed, responseHeaders);
};

const withBodyLimit =
  (handle: Handle, mostBytes: number): Handle =>
  request =>
    handle(derived(request, { body: limitBytes => request.body(Math.min(limitBytes, mostBytes)) }));

const derived = (request: WireRequest, change: Partial<WireRequest>): WireRequest => ({
  method: request.method,
  rawTarget: request.rawTarget,
  headers: request.headers,
  peer: request.peer,
  body: limitBytes => request.body(limitBytes),
  ...change,
});

const withForwarded =
  (handle: Handle, settings: ForwardedSettings): Handle =>
  async request => {
    const address = forwardedAddress(request, settings);
    if (address === undefined) return refusal('the request did not come through an authorized proxy');
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
  return hops[hops.length - 1 - settings.hopSkips];
};

const refusal = (message: string): WireAnswer => {
  const error = new CofferError('invalid_request', message);
  return {
    status: error.facts.http,
    headers: [
      ['Cache-Control', 'no-store'],
      ['Content-Type', 'application/json'],
    ],
    body: writeJson({ errors: [message] }),
  };
};

/** An exact status wins over its class, its class over `default`. */
const withHeaders =
  (handle: Handle, byStatus: ListenerSettings['responseHeaders']): Handle =>
  async request => {
    const answer = await handle(request);
    const own = new Map<string, readonly [string, string]>();
    for (const key of ['default', `${Math.floor(answer.status / 100)}xx`, String(answer.status)]) {
      for (const [name, value] of byStatus.get(key) ?? []) own.set(name.toLowerCase(), [name, value]);
    }
    return {
      ...answer,
      headers: [...answer.headers.filter(([name]) => !own.has(name.toLowerCase())), ...own.values()],
    };
  };
