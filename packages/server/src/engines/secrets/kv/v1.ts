/** Key/value secrets without versions: a path holds one JSON object, kept and answered as the bytes it came in. */
import { CofferError } from '@coffer/schema/errors.ts';
import { DurationError, parseDuration } from '@coffer/schema/duration.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Engine, Entry } from '../../../contracts/engine.ts';
import { checkPath } from '../../keyed/key-path.ts';
import { type Maybe, whenThere } from '../../keyed/later.ts';
import { listFields, listNames, pageOf } from '../../keyed/listing.ts';
import { isThere } from '../../keyed/there.ts';
import { encodeValue, isEmptyObject, type ValueRecord, valueOf } from '../../keyed/value-record.ts';
import { type KvCx, kvNeeds, rows } from './cx.ts';
import { kvV1Events } from './event-types.ts';
import { eventOf } from './events.ts';

export const plainRoot = 'd/';
const plainKey = (path: string): string => plainRoot + checkPath(path);

const path = t.path('Path of the secret');
const data = t.object('The values');
const listed = { keys: t.list('Names; folders end in a slash') };

const secondsOf = (given: RawJson | undefined): number | undefined => {
  const value = given?.type === 'string' || given?.type === 'number' ? given.value() : undefined;
  const text = value instanceof JsonNumber ? value.source : value;
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const seconds = Math.trunc(parseDuration(text));
    return seconds < 0 ? undefined : seconds;
  } catch (cause) {
    if (cause instanceof DurationError) return undefined;
    throw cause;
  }
};

/** The value's own `ttl` or `lease`; -1 where it has none. */
const leaseOf = (value: ValueRecord): number => {
  if (typeof value.made === 'number') return value.made;
  const members = value.json.members();
  const seconds = secondsOf(members.get('ttl') ?? members.get('lease')) ?? noLease;
  value.made = seconds;
  return seconds;
};

const noLease = -1;

const read = (cx: KvCx, given: string): Maybe<Reply | undefined> =>
  whenThere(cx.storage.get(plainKey(given)), (entry: Entry | undefined) => {
    if (entry === undefined) return undefined;
    const value = valueOf(entry);
    const own = leaseOf(value);
    const leaseDurationSeconds = own === noLease ? cx.mountInfo.defaultLeaseSeconds : own;
    return new Reply(value.json, { leaseDurationSeconds });
  });

const write = async (cx: KvCx, given: string, json: RawJson | undefined): Promise<undefined> => {
  if (json === undefined || isEmptyObject(json)) throw new CofferError('invalid_request', 'missing data fields');
  const key = plainKey(given);
  const event = eventOf(cx, { type: 'kv-v1/write', path: given, dataPath: given, modified: true });
  await cx.storage.commit({ writes: [{ key, value: encodeValue(cx.clock.now(), json) }], events: [event] });
  return undefined;
};

const remove = async (cx: KvCx, given: string): Promise<undefined> => {
  const key = plainKey(given);
  const event = eventOf(cx, { type: 'kv-v1/delete', path: given, modified: true });
  await cx.storage.commit({ writes: [{ key, value: undefined }], events: [event] });
  return undefined;
};

export const kvV1: Engine = {
  kind: 'secret',
  type: 'kv',
  variant: { option: 'version', value: '1' },
  summary: 'Key/value secrets without versions',
  needs: kvNeeds,
  events: kvV1Events,
  rows: [
    rows.read(':path*', { summary: 'Read a secret', in: { path } }, (cx, args) => read(cx, args.path)),
    rows.write(
      ':path*',
      {
        summary: 'Write a secret in place of what is there',
        in: { path, data },
        wholeBody: 'data',
        exists: (cx, args) => isThere(cx.storage, { root: plainRoot, path: args.path }),
      },
      (cx, args) => write(cx, args.path, args.data),
    ),
    rows.remove(':path*', { summary: 'Remove a secret', in: { path } }, (cx, args) => remove(cx, args.path)),
    rows.list(':path*?', { summary: 'List secrets in a folder', in: listFields, out: listed }, (cx, args) =>
      listNames(cx.storage, plainRoot, { ...pageOf(args), deep: false }),
    ),
    rows.scan(
      ':path*?',
      { summary: 'List secrets below a folder, with those in its folders', in: listFields, out: listed },
      (cx, args) => listNames(cx.storage, plainRoot, { ...pageOf(args), deep: true }),
    ),
  ],
};
