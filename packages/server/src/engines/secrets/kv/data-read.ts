/**
 * Reads a version. The path every application takes: two look-ups, which are synchronous where the records are cached,
 * and an answer made of bytes that are already JSON. A version that is deleted or destroyed is answered as 404 with what
 * is known of it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import { giveBack, transient } from '@coffer/schema/json/write.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Entry } from '../../../contracts/engine.ts';
import { type Maybe, whenThere } from '../../keyed/later.ts';
import { type ValueRecord, valueOf } from '../../keyed/value-record.ts';
import { versionAnswer } from './answers.ts';
import type { KvCx } from './cx.ts';
import { isDeleted, metaKey, valueKey, type VersionMeta, versionOf } from './key-meta.ts';
import { type StoredMeta, storedMeta } from './meta-record.ts';

/** Metadata and value are read one after the other; a change in between is read again. */
const attemptLimit = 16;
const absent = 404;

export interface Asked {
  readonly path: string;
  /** 0 for the newest. */
  readonly version: number;
  /** The member of the answer, and what stands in it. */
  readonly name: 'data' | 'subkeys';
  readonly show: (data: RawJson) => Out;
}

interface Found extends Asked {
  readonly cx: KvCx;
  readonly stored: StoredMeta;
  readonly number: number;
  readonly about: VersionMeta;
  readonly attempt: number;
}

export const readVersion = (cx: KvCx, asked: Asked, attempt = 0): Maybe<Reply | undefined> =>
  whenThere(cx.storage.get(metaKey(asked.path)), entry =>
    entry === undefined ? undefined : ofKey(cx, asked, { entry, attempt }),
  );

const ofKey = (
  cx: KvCx,
  asked: Asked,
  { entry, attempt }: { readonly entry: Entry; readonly attempt: number },
): Maybe<Reply | undefined> => {
  const stored = storedMeta(entry);
  const number = asked.version === 0 ? stored.currentVersion : asked.version;
  const about = number === stored.currentVersion ? stored.current : versionOf(stored.meta, number);
  if (about === undefined) return undefined;
  const found: Found = { ...asked, cx, stored, number, about, attempt };
  if (about.destroyed || isDeleted(about, cx.clock.now())) return replyOf(found, null, absent);
  return whenThere(cx.storage.get(valueKey(asked.path, number), entry), value => ofValue(found, value));
};

const ofValue = (found: Found, entry: Entry | undefined): Maybe<Reply | undefined> => {
  const value = entry === undefined ? undefined : valueOf(entry);
  if (value?.createdMs === found.about.createdMs)
    return found.name === 'data'
      ? new Reply(answerOf(found, value))
      : replyOf(found, found.show(value.json), undefined);
  if (found.attempt < attemptLimit) return readVersion(found.cx, found, found.attempt + 1);
  throw new CofferError('data_corrupt', `version ${found.number} is not stored as its metadata says`);
};

interface Whole {
  readonly of: StoredMeta;
  readonly json: RawJson;
}

const before = '{"data":';
const utf8 = new TextDecoder();

/** What stands behind the value in an answer. */
const behind = ({ stored, number, about }: Found): Uint8Array =>
  transient(writer => {
    writer.written(',"metadata":');
    writer.value(versionAnswer(stored.meta, number, about));
    writer.written('}');
  });

/**
 * Value and metadata as one piece of JSON, made once while both are cached: nearly every read asks for it. The value stays
 * where it is, and only what stands around it is kept, unless that is not ASCII.
 */
const answerOf = (found: Found, value: ValueRecord): RawJson => {
  const { stored } = found;
  const made = value.made as Whole | undefined;
  if (made?.of === stored) return made.json;
  const around = behind(found);
  const after = utf8.decode(around);
  const framed = new RawJson(value.json.bytes, { before, after });
  const json = after.length === around.length ? framed : new RawJson(joined(value.json.bytes, around));
  giveBack(around);
  value.made = { of: stored, json } satisfies Whole;
  return json;
};

const joined = (value: Uint8Array, around: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(before.length + value.length + around.length);
  new TextEncoder().encodeInto(before, whole);
  whole.set(value, before.length);
  whole.set(around, before.length + value.length);
  return whole;
};

const replyOf = ({ name, stored, number, about }: Found, shown: Out, status: number | undefined): Reply => {
  const metadata = versionAnswer(stored.meta, number, about);
  const data: { readonly [key: string]: Out } =
    name === 'data' ? { data: shown, metadata } : { metadata, subkeys: shown };
  return new Reply(data, status === undefined ? {} : { status });
};
