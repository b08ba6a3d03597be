/**
 * Reads the body within the row's limit and makes the row's arguments of path, body and query. A request without a row
 * keeps its body unread: it is refused further on. What is wrong with a body waits for the policy stage: strangers would
 * otherwise learn from it which engine stands where.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { argumentsOf } from '@coffer/schema/fields/arguments.ts';
import { scanJson } from '@coffer/schema/json/scan.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import type { Row } from '@coffer/schema/row.ts';
import type { Exchange } from './exchange.ts';
import type { Stage } from './stage.ts';

const mergePatch = 'application/merge-patch+json';
const formType = 'application/x-www-form-urlencoded';
/** Query parameters that choose the operation and are no data. */
const operationParameters: ReadonlySet<string> = new Set(['list', 'scan', 'help']);
const formFieldsLimit = 1000;

export const bodyStage: Stage = {
  name: 'body',
  run: exchange => {
    const row = exchange.matched?.row;
    if (row === undefined || exchange.wantsHelp) return undefined;
    const refused = (cause: unknown): void => {
      if (!(cause instanceof CofferError)) throw cause;
      exchange.refusedBody = cause;
    };
    try {
      const pending = read(exchange, row);
      if (!(pending instanceof Promise)) return undefined;
      exchange.bodyWasAwaited = true;
      return pending.catch(refused);
    } catch (cause) {
      return refused(cause);
    }
  },
};

const read = (exchange: Exchange, row: Row<never>): void | Promise<void> => {
  if (row.body !== 'json') return fill(exchange, row, undefined);
  refuseCompressed(exchange);
  if (exchange.verb === 'patch') refuseOtherPatch(exchange);
  const bytes = exchange.wire.body(row.bodyLimitBytes);
  return bytes instanceof Promise ? bytes.then(whole => fill(exchange, row, whole)) : fill(exchange, row, bytes);
};

const contentType = (exchange: Exchange): string =>
  (exchange.wire.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** Never unpacked: a small body must not become a large one (S13). */
const refuseCompressed = ({ wire }: Exchange): void => {
  const coding = (wire.headers.get('content-encoding') ?? '').trim().toLowerCase();
  if (coding !== '' && coding !== 'identity')
    throw new CofferError(
      'unsupported_media_type',
      'a request body must not be compressed: leave Content-Encoding out',
    );
};

const refuseOtherPatch = (exchange: Exchange): void => {
  const type = contentType(exchange);
  if (type === mergePatch) return;
  const shown = /^[\x20-\x7e]{0,100}$/.test(type) ? type : 'another';
  throw new CofferError('unsupported_media_type', `PATCH requires Content-Type of ${mergePatch}, provided ${shown}`);
};

const fill = (exchange: Exchange, row: Row<never>, bytes: Uint8Array | undefined): void => {
  if (bytes !== undefined && bytes.length > 0)
    readObject(exchange, isForm(exchange, bytes) ? formObject(bytes) : bytes);
  const query = row.body === 'json' ? undefined : flatQuery(exchange.query);
  const { args, warnings } = argumentsOf(row, {
    params: exchange.matched?.params ?? new Map(),
    members: exchange.members,
    query,
    body: exchange.body,
  });
  exchange.args = args;
  exchange.warnings = warnings;
};

const readObject = (exchange: Exchange, bytes: Uint8Array): void => {
  const body = scanJson(bytes);
  if (body.type === 'null') return;
  if (body.type !== 'object') throw new CofferError('malformed_body', 'failed to parse JSON input: expected an object');
  exchange.body = body;
  exchange.members = body.members();
};

/** Older clients post forms; a body that starts like JSON is JSON whatever it says. */
const isForm = (exchange: Exchange, bytes: Uint8Array): boolean => {
  if (contentType(exchange) !== formType) return false;
  const first = bytes.find(byte => byte > 0x20);
  return first !== 0x7b && first !== 0x5b;
};

/** A form as the JSON object it stands for, so that policies, arguments and audit all see the same. */
const formObject = (bytes: Uint8Array): Uint8Array => {
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(bytes))) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before},${value}`);
    if (found.size > formFieldsLimit)
      throw new CofferError('malformed_body', `a form may have at most ${formFieldsLimit} fields`);
  }
  return writeJson(found);
};

const flatQuery = (query: Exchange['query']): ReadonlyMap<string, string> | undefined => {
  if (query.size === 0) return undefined;
  const flat = new Map<string, string>();
  for (const [name, values] of query) if (!operationParameters.has(name)) flat.set(name, values.join(','));
  return flat;
};
