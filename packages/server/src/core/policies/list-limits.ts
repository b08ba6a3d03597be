/**
 * What the rule that allowed a list still asks of its answer: only keys the caller may see, and no more of them than one
 * page holds. An answer to a filtered list that has no keys to filter is refused, never passed on whole. Long lists are
 * filtered in pieces, with a turn of the event loop between two of them.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import type { Out } from '@coffer/schema/out.ts';
import { Reply } from '@coffer/schema/row.ts';
import { turn } from '../../platform/clock/turn.ts';
import { type Acl, visibleKeys } from './acl.ts';
import type { Decision } from './rule.ts';

export interface Listed {
  readonly acl: Acl;
  readonly decision: Decision;
  /** The path that was listed. */
  readonly path: string;
  readonly reply: Reply;
}

const isTexts = (value: Out): value is readonly string[] =>
  Array.isArray(value) && value.every(one => typeof one === 'string');

/** The members of `key_info` whose keys are left. */
const keptInfo = (info: Out, keys: readonly string[]): Out => {
  const kept = new Set(keys);
  if (info instanceof Map) return new Map([...(info as ReadonlyMap<string, Out>)].filter(([key]) => kept.has(key)));
  if (typeof info !== 'object' || info === null) return undefined;
  return new Map(Object.entries(info as { readonly [key: string]: Out }).filter(([key]) => kept.has(key)));
};

/** Keys asked about between two turns. */
export const pieceLength = 500;

/** The reply as the caller may see it. Throws `CofferError` `internal` where a filter cannot be kept. */
export const limitedList = ({ acl, decision, path, reply }: Listed): Reply | Promise<Reply> => {
  const { keysFilter, paginationLimit } = decision;
  const { data } = reply;
  if ((keysFilter === undefined && paginationLimit === 0) || data === undefined) return reply;
  const { keys, key_info: info, ...rest }: { readonly [name: string]: Out } = data instanceof RawJson ? {} : data;
  if (!isTexts(keys)) {
    if (keysFilter === undefined) return reply;
    throw new CofferError('internal', 'a filtered list has no keys to filter');
  }
  const others = keysFilter === undefined ? rest : {};
  const shown = (visible: readonly string[]): Reply => {
    const page = paginationLimit === 0 ? visible : visible.slice(0, paginationLimit);
    const infos = info === undefined ? {} : { key_info: keptInfo(info, page) };
    return new Reply({ ...others, keys: page, ...infos }, reply.extras);
  };
  if (keysFilter === undefined || keys.length <= pieceLength) return shown(visibleKeys(acl, { decision, path, keys }));
  return visibleInTurns(acl, { decision, path, keys }).then(shown);
};

const visibleInTurns = async (acl: Acl, asked: Parameters<typeof visibleKeys>[1]): Promise<readonly string[]> => {
  const visible: string[] = [];
  for (let at = 0; at < asked.keys.length; at += pieceLength) {
    visible.push(...visibleKeys(acl, { ...asked, keys: asked.keys.slice(at, at + pieceLength) }));
    await turn();
  }
  return visible;
};
