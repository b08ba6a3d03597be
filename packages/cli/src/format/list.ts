/** A list of names: under the title `Keys`, or as a bare array. */
import type { Answer } from '@coffer/client/answer.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import { type Cx, exits } from '../cx.ts';
import { cell } from './cell.ts';
import { table } from './table.ts';

const keysOf = (answer: Answer | undefined): readonly Json[] => {
  const keys = answer?.data?.get('keys');
  return Array.isArray(keys) ? (keys as readonly Json[]) : [];
};

/** In the formats for programs, nothing is an empty object. */
export const emptyList = (cx: Cx, message: string): number => {
  if (cx.format === 'json' || cx.format === 'yaml') cx.io.out('{}\n');
  return cx.nothing(message);
};

export const listAnswer = (cx: Cx, answer: Answer | undefined, path: string): number => {
  if (answer?.wrapInfo !== undefined) return cx.answer(answer);
  const keys = keysOf(answer);
  if (keys.length === 0) return emptyList(cx, `No value found at ${path.replace(/\/$/, '')}`);
  return cx.result({
    json: keys,
    table: () =>
      table(
        ['Keys'],
        keys.map(key => [cell(key)]),
      ),
    fields: [['keys', keys]],
  });
};

/** Names one a line, without a title. */
export const plainList = (cx: Cx, names: readonly string[]): number => {
  cx.result({ json: names, table: () => names.join('\n') });
  return names.length === 0 ? exits.nothing : exits.ok;
};
