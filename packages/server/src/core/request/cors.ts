/**
 * What a browser asks and is told of other origins (Fetch, "CORS protocol"), around the pipeline. A request without
 * `Origin` comes from no page and is left alone; one of an origin that is not let in goes no further.
 */
import { errorFacts } from '@coffer/schema/errors.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import type { Handle, WireAnswer, WireRequest } from '../../contracts/wire.ts';
import { allowedHeaders, anyOrigin, type CorsSettings } from '../cors/settings.ts';
import type { CorsStore } from '../cors/store.ts';
import { plainHeaders } from './plain-headers.ts';

type Header = readonly [name: string, value: string];

const methods: readonly string[] = ['DELETE', 'GET', 'OPTIONS', 'POST', 'PUT', 'LIST', 'SCAN', 'PATCH'];
/** How long a browser may keep what a preflight said. */
const maxAgeSeconds = 300;
const vary: Header = ['Vary', 'Origin'];

export const withCors =
  (handle: Handle, cors: Pick<CorsStore, 'current'>): Handle =>
  request => {
    const settings = cors.current;
    if (settings === undefined) return handle(request);
    const origin = request.headers.get('origin');
    return origin === undefined || origin === '' ? handle(request) : crossing(handle, request, { settings, origin });
  };

interface Asked {
  readonly settings: CorsSettings;
  readonly origin: string;
}

const crossing = async (handle: Handle, request: WireRequest, { settings, origin }: Asked): Promise<WireAnswer> => {
  const { origins } = settings;
  if (!origins.includes(anyOrigin) && !origins.includes(origin))
    return { status: errorFacts.permission_denied.http, headers: [...plainHeaders, vary], body: notAllowed() };
  if (request.method === 'OPTIONS') return preflight(request, settings, origin);
  const answer = await handle(request);
  return { ...answer, headers: [...answer.headers, ...letIn(settings, origin)] };
};

const notAllowed = (): Uint8Array => writeJson({ errors: ['origin not allowed'] });

const letIn = ({ origins, credentials }: CorsSettings, origin: string): readonly Header[] => [
  ['Access-Control-Allow-Origin', origins.includes(anyOrigin) ? anyOrigin : origin],
  vary,
  ...(credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
];

const preflight = (request: WireRequest, settings: CorsSettings, origin: string): WireAnswer => {
  if (!methods.includes(request.headers.get('access-control-request-method') ?? ''))
    return {
      status: errorFacts.method_not_allowed.http,
      headers: [...plainHeaders, vary],
      body: writeJson({ errors: [] }),
    };
  const headers: readonly Header[] = [
    ...letIn(settings, origin),
    ['Access-Control-Allow-Methods', methods.join(',')],
    ['Access-Control-Allow-Headers', allowedHeaders(settings).join(',')],
    ['Access-Control-Max-Age', String(maxAgeSeconds)],
  ];
  return { status: 200, headers, body: undefined };
};
