/**
 * The two records of a request, in the form auditors' tools already read: `request` before it runs, `response` after.
 * Built as text piece by piece; everything that is not a number or from a closed list passes the JSON encoder.
 */
import type { CofferError } from '@coffer/schema/errors.ts';
import { isoTime } from '@coffer/schema/iso-time.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Mount } from '../mounts/mount.ts';
import type { Namespace } from '../namespaces/namespace.ts';
import type { Exchange } from '../request/exchange.ts';
import { shownToken } from '../request/shown-token.ts';
import type { Token } from '../tokens/token.ts';
import { secondsLeft, workloadAnswer } from '../tokens/token.ts';
import { elided } from './elided.ts';
import { flat } from './flat.ts';
import type { AuditHasher } from './hashing.ts';
import { inert } from './inert.ts';
import type { Lane } from './lane.ts';
import { LongAnswers } from './long-answers.ts';
import { type AuditedHeader, headersText } from './request-headers.ts';
import { spelt } from './spelt.ts';
import { wrapAskedText, wrapInfoText } from './wrap-text.ts';

/** What the device's options say about the form of its records. */
export interface Layout {
  /** Before each record. */
  readonly prefix: string;
  /** Of a list only how long it is. */
  readonly elidesLists: boolean;
}

export interface FormatParts {
  readonly hasher: AuditHasher;
  readonly layout?: Layout;
  readonly lane?: Pick<Lane, 'recordEnd'>;
  /** Request headers to be shown, as of now. */
  readonly headers?: { readonly current: readonly AuditedHeader[] | undefined };
}

const plainLayout: Layout = { prefix: '', elidesLists: false };

/** What one device writes; keeps the parts that repeat from request to request. */
export class AuditFormat {
  readonly #hasher: AuditHasher;
  readonly #auth = new WeakMap<Token, CallerText>();
  readonly #mounts = new WeakMap<Mount, MountText>();
  readonly #grants = new WeakMap<readonly string[], string>();
  readonly #long: LongAnswers;
  #timeMs = Number.NaN;
  #time = '';
  readonly #layout: Layout;
  readonly #lane: FormatParts['lane'];
  readonly #headers: FormatParts['headers'];

  constructor({ hasher, layout = plainLayout, lane, headers }: FormatParts) {
    this.#hasher = hasher;
    this.#layout = layout;
    this.#lane = lane;
    this.#headers = headers;
    this.#long = new LongAnswers(hasher);
  }

  /** To be awaited before the response record is made; undefined where there is nothing to prepare. */
  prepare(exchange: Exchange): Promise<void> | undefined {
    const { reply, error, mount } = exchange;
    if (reply?.data === undefined || error !== undefined || this.#elides(exchange)) return undefined;
    return this.#long.prepare(reply.data, plainMembers(mount?.record.config.auditNonHmacResponseKeys));
  }

  hash(text: string): string {
    return this.#hasher.hash(text);
  }

  request(exchange: Exchange): string {
    const text = this.#common(exchange);
    exchange.recorded = { by: this, text };
    return this.#requestRecord(exchange, text);
  }

  response(exchange: Exchange, nowMs: number): string {
    const known = exchange.recorded?.by === this ? exchange.recorded.text : this.#common(exchange);
    return this.#responseRecord(exchange, known, nowMs);
  }

  /** Both at once: what they have in common is made once. */
  both(exchange: Exchange, nowMs: number): readonly [request: string, response: string] {
    const common = this.#common(exchange);
    return [this.#requestRecord(exchange, common), this.#responseRecord(exchange, common, nowMs)];
  }

  #requestRecord(exchange: Exchange, common: string): string {
    return `${this.#layout.prefix}{"time":"${this.#timeText(exchange.startedAtMs)}","type":"request",${common}${errorOf(exchange)}${this.#end()}`;
  }

  #responseRecord(exchange: Exchange, common: string, nowMs: number): string {
    return `${this.#layout.prefix}{"time":"${this.#timeText(nowMs)}","type":"response",${common},"response":${this.#answer(exchange)}${errorOf(exchange)}${this.#end()}`;
  }

  #end(): string {
    return this.#lane === undefined ? '}' : this.#lane.recordEnd();
  }

  /** A record that another thread has written up to its end. */
  ended(record: string): string {
    return record + this.#end();
  }

  /** Many records share a millisecond. */
  #timeText(ms: number): string {
    if (ms !== this.#timeMs) {
      this.#timeMs = ms;
      this.#time = isoTime(ms);
    }
    return this.#time;
  }

  #common(exchange: Exchange): string {
    const { wire } = exchange;
    let text = `${this.#lead(exchange)},"remote_port":${wire.peer.port},"id":"${exchange.id}","operation":"${exchange.operation}","path":${inert(exchange.path)}`;
    const data = this.#requestData(exchange);
    if (data !== undefined) text += `,"data":${data}`;
    text += wrapAskedText(exchange);
    const reason = wire.headers.get('x-coffer-reason');
    if (reason !== undefined) text += `,"reason":${inert(spelt(reason).slice(0, reasonLimit))}`;
    const headers = this.#headers?.current;
    if (headers !== undefined) text += headersText(this.#hasher, headers, exchange);
    return `${text}}`;
  }

  /** What a caller's requests to one mount have in common: nearly always that of the caller's last request. */
  #lead(exchange: Exchange): string {
    const caller = this.#callerText(exchange);
    const known = caller?.lead;
    if (known !== undefined && isLeadOf(known, exchange)) return known.text;
    const text = this.#leadText(exchange, caller);
    if (caller === undefined) return text;
    const { mount, namespace, grantedBy, wire } = exchange;
    caller.lead = { mount, namespace, grantedBy, address: wire.peer.address, text: flat(text) };
    return text;
  }

  #leadText({ namespace, mount, grantedBy, wire }: Exchange, caller: CallerText | undefined): string {
    const results = `"policy_results":{"allowed":${grantedBy !== undefined}${this.#granting(grantedBy)}}`;
    let text = `"auth":{${caller === undefined ? '' : `${caller.auth},`}${results}},"request":{`;
    if (mount !== undefined) text += `${this.#mountText(mount).request},`;
    if (caller !== undefined) text += `${caller.request},`;
    if (namespace !== undefined) text += `"namespace":${namespaceText(namespace)},`;
    return `${text}"remote_address":${inert(wire.peer.address)}`;
  }

  /** What was refused is one hash: its leaves would let anybody make records larger than requests. */
  #requestData(exchange: Exchange): string | undefined {
    if (exchange.grantedBy === undefined) return this.#refusedData(exchange);
    const plain = plainMembers(exchange.mount?.record.config.auditNonHmacRequestKeys);
    if (exchange.body !== undefined) return this.#hasher.sent(exchange.body, plain);
    if (exchange.query.size === 0) return undefined;
    const members = [...exchange.query].map(([name, values]): [string, Out] => [
      name,
      values.length === 1 ? values[0] : values,
    ]);
    return this.#hasher.sent(new Map(members), plain);
  }

  #refusedData({ body, query, wire }: Exchange): string | undefined {
    if (body !== undefined) return `{"body":"${this.#hasher.hash(body.bytes)}","bytes":${body.bytes.length}}`;
    return query.size === 0 ? undefined : `{"query":"${this.#hasher.hash(wire.rawTarget)}"}`;
  }

  #answer(exchange: Exchange): string {
    const { mount, reply } = exchange;
    let text = reply?.extras.auth === undefined ? '' : `"auth":${this.#madeAuth(reply.extras.auth)}`;
    if (mount !== undefined) text = joined(text, this.#mountText(mount).response);
    if (reply?.data !== undefined && exchange.error === undefined) {
      const plain = plainMembers(mount?.record.config.auditNonHmacResponseKeys);
      const data = this.#elides(exchange) ? elided(reply.data) : reply.data;
      text = joined(text, `"data":${this.#long.text(data) ?? this.#hasher.answer(data, plain)}`);
    }
    if (reply?.extras.lease !== undefined && exchange.error === undefined)
      text = joined(text, `"secret":{"lease_id":${inert(reply.extras.lease.id)}}`);
    if (exchange.wrapped !== undefined) text = joined(text, wrapInfoText(this.#hasher, exchange.wrapped));
    if (exchange.warnings.length > 0) text = joined(text, `"warnings":${JSON.stringify(exchange.warnings)}`);
    return `{${text}}`;
  }

  #elides({ operation }: Exchange): boolean {
    return this.#layout.elidesLists && (operation === 'list' || operation === 'scan');
  }

  /** A token that was made: who it is for is readable, the token and its accessor are hashed. */
  #madeAuth(auth: { readonly [name: string]: Out }): string {
    const { client_token, accessor, ...rest } = auth;
    const hashed = this.#hasher.sent({ client_token });
    const shown = typeof accessor === 'string' ? this.#hasher.accessor(accessor) : this.#hasher.sent(accessor);
    const readable = inert(rest);
    return `${hashed.slice(0, -1)},"accessor":${shown},${readable.slice(1)}`;
  }

  #callerText(exchange: Exchange): CallerText | undefined {
    const { caller } = exchange;
    if (caller === undefined) return this.#shownText(exchange);
    const known = this.#auth.get(caller.token);
    if (known !== undefined) return known;
    const made = callerText(this.#hasher, caller.text, caller.token);
    this.#auth.set(caller.token, made);
    return made;
  }

  /** No token was found, or none was looked for: a token that is used after its end must be told from noise. */
  #shownText({ wire }: Exchange): CallerText | undefined {
    const shown = shownToken(wire.headers);
    if (shown === undefined) return undefined;
    const text = `"client_token":${this.#hasher.shown(shown)}`;
    return { auth: text, request: text, lead: undefined };
  }

  #mountText(mount: Mount): MountText {
    const known = this.#mounts.get(mount);
    if (known !== undefined) return known;
    const made = mountText(mount);
    this.#mounts.set(mount, made);
    return made;
  }

  /** A decision's list of names is the same object for every request that it allows. */
  #granting(grantedBy: readonly string[] | undefined): string {
    if (grantedBy === undefined || grantedBy.length === 0) return '';
    const known = this.#grants.get(grantedBy);
    if (known !== undefined) return known;
    const made = grantingText(grantedBy);
    this.#grants.set(grantedBy, made);
    return made;
  }
}

const joined = (members: string, member: string): string => (members === '' ? member : `${members},${member}`);

interface MountText {
  readonly request: string;
  readonly response: string;
}

const mountText = ({ prefix, record }: Mount): MountText => {
  const response = `"mount_point":${JSON.stringify(prefix)},"mount_type":${JSON.stringify(record.type)}`;
  return {
    response: flat(response),
    request: flat(`${response},"mount_accessor":${JSON.stringify(record.accessor)},"mount_class":"${record.class}"`),
  };
};

const namespaceText = ({ id, path }: Namespace): string =>
  path === '' ? `{"id":"${id}"}` : `{"id":"${id}","path":${JSON.stringify(path)}}`;

interface CallerText {
  readonly auth: string;
  readonly request: string;
  /** Of the caller's last request. */
  lead: Lead | undefined;
}

/** The part of a record before what is the request's own, and all that it was made of beside the caller. */
interface Lead extends Pick<Exchange, 'mount' | 'namespace' | 'grantedBy'> {
  readonly address: string;
  readonly text: string;
}

const isLeadOf = (lead: Lead, { mount, namespace, grantedBy, wire }: Exchange): boolean =>
  lead.mount === mount &&
  lead.grantedBy === grantedBy &&
  lead.namespace === namespace &&
  lead.address === wire.peer.address;

const reasonLimit = 1024;
const becauseLimit = 1024;

const callerText = (hasher: AuditHasher, text: string, token: Token): CallerText => {
  const shownText = hasher.shown(text);
  const accessor = token.accessor === '' ? '""' : hasher.accessor(token.accessor);
  const policies = JSON.stringify(token.policies);
  const ttl = secondsLeft(token, token.createdAtSeconds);
  return {
    auth: flat(
      `"client_token":${shownText},"accessor":${accessor},"display_name":${JSON.stringify(token.displayName)},"policies":${policies},"token_policies":${policies},"metadata":${inert(token.meta ?? null)},"entity_id":"${token.entityId}"${workloadText(token)},"token_type":"${token.type}","token_ttl":${ttl},"token_issue_time":"${isoTime(token.createdAtSeconds * 1000)}"`,
    ),
    request: flat(`"client_token":${shownText},"client_token_accessor":${accessor}`),
    lead: undefined,
  };
};

/** The cluster's own names: an auth method has proved them, a caller could not choose them freely. */
const workloadText = ({ workload }: Token): string =>
  workload === undefined ? '' : `,"workload":${inert(workloadAnswer(workload))}`;

const grantingText = (names: readonly string[]): string => {
  const policies = names.map(name => `{"name":${JSON.stringify(name)},"namespace_id":"root","type":"acl"}`);
  return flat(`,"granting_policies":[${policies.join(',')}]`);
};

const errorOf = (exchange: Exchange): string =>
  exchange.error === undefined
    ? ''
    : `,"error":${inert(exchange.error.publicMessage || exchange.error.code)}${becauseOf(exchange.error)}`;

/** What the caller is not told. */
const becauseOf = ({ because }: CofferError): string =>
  because === undefined ? '' : `,"error_because":${inert(because.slice(0, becauseLimit))}`;

const noMembers: ReadonlySet<string> = new Set();

const plainMembers = (names: readonly string[] | undefined): ReadonlySet<string> =>
  names === undefined || names.length === 0 ? noMembers : new Set(names);
