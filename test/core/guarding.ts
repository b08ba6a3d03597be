/** What the guards have in common: they ask every row in every way, and hold the answer and its record against what the row says. */
import type { Bed, Told } from './bed.ts';
import { goodBody, nameOf, type Place, places, policyPath, type Way, waysOf } from './places.ts';

export const noToken = '403 {"errors":["permission denied"]}';
/** Who shows a token that is none where a wrapping token may be shown: it may have been one. */
export const noWrapping = '400 {"errors":["wrapping token is not valid or does not exist"]}';
export const noRight = `403 ${JSON.stringify({ errors: ['1 error occurred:\n\t* permission denied\n\n'] })}`;
export const everything =
  'path "*" { capabilities = ["create", "read", "update", "patch", "delete", "list", "scan", "sudo"] }';

export interface Asking {
  readonly place: Place;
  readonly way: Way;
  readonly token?: string | undefined;
  readonly headers?: { readonly [name: string]: string } | undefined;
}

export const askAt = (bed: Bed, { place, way: [method, query], token, headers }: Asking): Promise<Told> =>
  bed.ask(method, place.path + query, { token, body: goodBody(place), ...(headers === undefined ? {} : { headers }) });

export const shown = (told: Told): string => `${told.status} ${told.text}`;
export const closed = places.filter(({ row }) => row.access !== 'open');
export const firstWay = (place: Place): Way => waysOf(place)[0] ?? ['GET', ''];

export interface AuditLine {
  readonly type: string;
  readonly error?: string;
  readonly request: {
    readonly id: string;
    readonly path: string;
    readonly operation: string;
    readonly mount_point?: string;
  };
  readonly response?: { readonly data?: unknown; readonly auth?: unknown; readonly wrap_info?: unknown };
}

export const linesSince = (bed: Bed, before: number): readonly AuditLine[] =>
  bed.audited.slice(before).map(line => JSON.parse(line) as AuditLine);

/** The words a policy and a record have for a row's verb. */
export const operationsOf = ({ row }: Place): readonly string[] =>
  row.verb === 'write' ? ['update', 'create'] : [row.verb];

/** Where a record names another operation, path or mount than the row is asked at. */
export const misnamed = ({ request }: AuditLine, place: Place): readonly string[] => [
  ...(operationsOf(place).includes(request.operation) ? [] : [`recorded as ${request.operation}`]),
  ...(request.path.replace(/\/$/, '') === policyPath(place).replace(/\/$/, '') ? [] : [`recorded at ${request.path}`]),
  ...(request.mount_point === place.mount ? [] : [`recorded in ${request.mount_point}`]),
];

/** A refusal leaves a request and a response, both with its reason and without an answer. */
const unrecorded = (bed: Bed, before: number, { place, token, told }: Asking & { told: Told }): readonly string[] => {
  const lines = linesSince(bed, before);
  const types = lines.map(({ type }) => type).join(' ');
  if (types !== 'request response') return [`recorded as "${types}"`];
  const shows = token !== undefined && token.length > 8 && bed.audited.slice(before).join('').includes(token);
  const reasons = /"errors":\["([^"\\]*)/.exec(told.text)?.[1] ?? 'permission denied';
  return [
    ...lines.flatMap(line => misnamed(line, place)),
    ...lines.flatMap(({ error, response }) => [
      ...(error?.includes(reasons) === true ? [] : [`recorded with the reason ${error}`]),
      ...(response?.data === undefined && response?.auth === undefined && response?.wrap_info === undefined
        ? []
        : ['recorded with an answer']),
    ]),
    ...(shows ? ['the token stands in the record'] : []),
    ...(new Set(lines.map(({ request }) => request.id)).size === 1 ? [] : ['two requests on record']),
  ];
};

export interface AskedOf {
  readonly of?: readonly Place[];
  readonly token?: string;
  /** A token of its own for each request. */
  readonly freshToken?: () => Promise<string>;
  readonly headers?: { readonly [name: string]: string };
  /** Only by its plainest method. */
  readonly once?: boolean;
}

/** Asks every place in every way; answers those that answer, or are recorded, in another way. */
export const others = async (
  bed: Bed,
  wanted: string | ((place: Place) => string),
  { of = closed, token, freshToken, headers, once = false }: AskedOf = {},
): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const place of of) {
    for (const way of once ? [firstWay(place)] : waysOf(place)) {
      const asking = { place, way, headers, token: freshToken === undefined ? token : await freshToken() };
      const before = bed.audited.length;
      const told = await askAt(bed, asking);
      const expected = typeof wanted === 'string' ? wanted : wanted(place);
      const wrong =
        shown(told) !== expected
          ? [shown(told)]
          : told.status === 403 || told.status === 400
            ? unrecorded(bed, before, { ...asking, told })
            : [];
      found.push(...wrong.map(what => `${way.join(' ')} ${nameOf(place)}: ${what}`));
    }
  }
  return found;
};

/** A stranger's refusal: who shows what is no token where a wrapping token may stand hears that it is none. */
export const strangers =
  (token: string | undefined) =>
  ({ row }: Place): string =>
    token !== undefined && row.wrappingToken ? noWrapping : noToken;
