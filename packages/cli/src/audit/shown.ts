/**
 * An audit record as people read it: who did what, where from, and what became of it. Values are left out, hashes of accessors
 * cut short; nothing in it can act on a terminal.
 */
import { timeOf } from './mark.ts';

export interface Workload {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string;
  readonly node: string;
}

export interface ShownRecord {
  readonly time: string;
  /** `request` or `response`. */
  readonly type: string;
  readonly operation: string;
  readonly path: string;
  readonly displayName: string;
  readonly entityId: string;
  /** As it stands in the record. */
  readonly accessor: string;
  readonly workload: Workload | undefined;
  readonly remoteAddress: string;
  readonly reason: string;
  /** '' where there was none. */
  readonly error: string;
  /** What the caller was not told of it; '' where there is no more. */
  readonly because: string;
  readonly requestId: string;
}

type Members = { readonly [name: string]: unknown };

const membersIn = (from: Members, name: string): Members => {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
};

const textIn = (from: Members, name: string): string => {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  return typeof value === 'string' ? value : '';
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What stands before a record, where the device has a prefix. */
const prefixLimit = 64;

/** Undefined where the line is no record, as with a head of the chain. */
export const shownRecord = (bytes: Uint8Array): ShownRecord | undefined => {
  const time = timeOf(bytes);
  if (time === undefined) return undefined;
  const record = parsed(bytes);
  const type = record === undefined ? '' : textIn(record, 'type');
  if (record === undefined || (type !== 'request' && type !== 'response')) return undefined;
  const [auth, request] = [membersIn(record, 'auth'), membersIn(record, 'request')];
  return {
    time,
    type,
    operation: textIn(request, 'operation'),
    path: textIn(request, 'path'),
    displayName: textIn(auth, 'display_name'),
    entityId: textIn(auth, 'entity_id'),
    accessor: textIn(auth, 'accessor'),
    workload: workloadIn(auth) ?? workloadIn(membersIn(membersIn(record, 'response'), 'auth')),
    remoteAddress: textIn(request, 'remote_address'),
    reason: textIn(request, 'reason'),
    error: textIn(record, 'error'),
    because: textIn(record, 'error_because'),
    requestId: textIn(request, 'id'),
  };
};

const parsed = (bytes: Uint8Array): Members | undefined => {
  try {
    const text = utf8.decode(bytes);
    const start = text.indexOf('{"time":"');
    const record: unknown = start < 0 || start > prefixLimit ? undefined : JSON.parse(text.slice(start));
    return typeof record === 'object' && record !== null ? (record as Members) : undefined;
  } catch {
    return undefined;
  }
};

const workloadIn = (auth: Members): Workload | undefined => {
  if (!Object.hasOwn(auth, 'workload')) return undefined;
  const workload = membersIn(auth, 'workload');
  return {
    namespace: textIn(workload, 'namespace'),
    serviceAccount: textIn(workload, 'service_account'),
    pod: textIn(workload, 'pod'),
    node: textIn(workload, 'node'),
  };
};

/** Controls, line ends, and marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex -- these are the characters that are kept out
const acting = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export const oneLine = (text: string): string =>
  text.replace(acting, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const shortHash = 12;

const shortened = (text: string): string =>
  text.replace(/^hmac-sha256:([0-9a-f]{64})$/, (_, hash: string) => `hmac:${hash.slice(0, shortHash)}`);

export const workloadText = ({ namespace, serviceAccount, pod, node }: Workload): string =>
  `${namespace}/${serviceAccount}${pod === '' ? '' : ` pod ${pod}`}${node === '' ? '' : ` node ${node}`}`;

const actorText = ({ displayName, entityId, accessor }: ShownRecord): string => {
  const names = [displayName, entityId].filter(name => name !== '');
  return names.length > 0 ? names.join(' ') : shortened(accessor) || '-';
};

const operationWidth = 6;

export const lineText = (record: ShownRecord): string => {
  const { time, type, operation, path, workload, remoteAddress, reason, error, because, requestId } = record;
  const told = because === '' ? error : `${error} (${because})`;
  const outcome = error !== '' ? `error: ${told}` : type === 'request' ? 'asked' : 'ok';
  const parts = [time, operation.padEnd(operationWidth), path, actorText(record)];
  if (workload !== undefined) parts.push(workloadText(workload));
  parts.push(remoteAddress, outcome);
  if (reason !== '') parts.push(`reason: ${reason}`);
  return [...parts, requestId].map(oneLine).join('  ');
};

/** One object, in one line. */
export const jsonText = (record: ShownRecord): string => {
  const { workload, ...rest } = record;
  const shown = {
    time: rest.time,
    type: rest.type,
    operation: rest.operation,
    path: rest.path,
    display_name: rest.displayName,
    entity_id: rest.entityId,
    accessor: shortened(rest.accessor),
    ...(workload === undefined ? {} : { workload: { ...workloadMembers(workload) } }),
    remote_address: rest.remoteAddress,
    reason: rest.reason,
    error: rest.error,
    error_because: rest.because,
    request_id: rest.requestId,
  };
  return JSON.stringify(shown).replace(
    acting,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
};

const workloadMembers = ({ namespace, serviceAccount, pod, node }: Workload) => ({
  namespace,
  service_account: serviceAccount,
  pod,
  node,
});
