/**
 * The envelope of an answer that succeeded. Nearly all of them differ in nothing but the id and the data: what stands
 * between these is written once, by way of an envelope with marks in their places.
 */
import { RawJson } from '@coffer/schema/json/raw.ts';
import { transient, writeTransient, writeJson } from '@coffer/schema/json/write.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Reply } from '@coffer/schema/row.ts';
import type { Exchange } from './exchange.ts';

type Members = { readonly [name: string]: Out };

const noWarnings: readonly string[] = [];

const warningsOf = (exchange: Exchange, reply: Reply | undefined): readonly string[] => {
  const more = reply?.extras.warnings ?? noWarnings;
  return more.length === 0 ? exchange.warnings : [...exchange.warnings, ...more];
};

/** What leaves, or what is wrapped. */
export const envelope = (exchange: Exchange): Members => {
  const { reply } = exchange;
  const row = exchange.matched?.row;
  const warnings = warningsOf(exchange, reply);
  const data: Out = reply?.data ?? null;
  const members = {
    request_id: exchange.id,
    lease_id: reply?.extras.lease?.id ?? '',
    renewable: reply?.extras.lease?.renewable ?? false,
    lease_duration: reply?.extras.lease?.durationSeconds ?? reply?.extras.leaseDurationSeconds ?? 0,
    data,
    wrap_info: null,
    warnings: warnings.length === 0 ? null : warnings,
    auth: reply?.extras.auth ?? null,
    mount_type: exchange.mount?.record.type ?? '',
  };
  return row?.legacyTopLevel === true && reply?.data !== undefined && !(reply.data instanceof RawJson)
    ? { ...members, ...withoutClash(reply.data, members) }
    : members;
};

/** Old clients read some answers at the top level; the envelope's own members win. */
const withoutClash = (data: Members, members: object): Members =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !Object.hasOwn(members, name)));

interface Texts {
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

/** Kinds of mounts are few, the durations that secrets carry need not be. */
const textsLimit = 256;
const marks = ['@id@', '@data@'] as const;
const ascii = new TextDecoder();
const textsByType = new Map<string, Map<number, Texts>>();

const textsOf = (exchange: Exchange): Texts => {
  const type = exchange.mount?.record.type ?? '';
  const seconds = exchange.reply?.extras.leaseDurationSeconds ?? 0;
  const known = textsByType.get(type)?.get(seconds);
  if (known !== undefined) return known;
  const [request_id, data] = marks;
  const [before = '', rest = ''] = ascii
    .decode(writeJson({ ...envelope(exchange), request_id, data }))
    .split(request_id);
  const [between = '', after = ''] = rest.split(`"${data}"`);
  const made = { before, between, after };
  const ofType = textsByType.get(type) ?? new Map<number, Texts>();
  if (ofType.size >= textsLimit) ofType.clear();
  textsByType.set(type, ofType.set(seconds, made));
  return made;
};

/** Nothing of it is the exchange's own but id and data. */
const isCommon = ({ reply, warnings, matched }: Exchange): boolean => {
  if (reply === undefined || warnings.length > 0 || matched?.row.legacyTopLevel === true) return false;
  const { lease, auth, warnings: more } = reply.extras;
  return lease === undefined && auth === undefined && more === undefined;
};

export const envelopeBytes = (exchange: Exchange): Uint8Array => {
  if (!isCommon(exchange)) return writeTransient(envelope(exchange));
  const { before, between, after } = textsOf(exchange);
  return transient(writer => {
    writer.written(before);
    writer.written(exchange.id);
    writer.written(between);
    writer.value(exchange.reply?.data ?? null);
    writer.written(after);
  });
};
