/** One page of a range as a query, and its rows as entries. */
import type { RangeEntry, RangeOptions } from '../../contracts/storage.ts';
import { rangeLimit } from '../../contracts/storage.ts';
import type { Step } from './driver.ts';
import type { Statements } from './statements.ts';
import { int8, numberOf, type Row, textOf, valueOf } from './wire.ts';

/** Beyond any key that begins with what stands before it: UTF-8 has no such byte. */
const beyond = 0xff;

export const rangeStep = (statements: Statements, prefix: string, options: RangeOptions): Step => {
  const start = Buffer.from(prefix);
  const after = options.after === undefined ? undefined : Buffer.from(options.after);
  const exclusive = after !== undefined && Buffer.compare(after, start) >= 0;
  const limit = Math.max(0, Math.min(options.limit ?? rangeLimit, rangeLimit));
  const { range, rangeAfter, keys, keysAfter } = statements;
  const [from, fromAfter] = options.values === false ? [keys, keysAfter] : [range, rangeAfter];
  return {
    statement: exclusive ? fromAfter : from,
    values: [exclusive ? after : start, Buffer.concat([start, Uint8Array.of(beyond)]), int8(limit)],
  };
};

export const entryOf = ([key, revision, value]: Row): RangeEntry => ({
  key: textOf(key),
  value: valueOf(value),
  revision: numberOf(revision),
});
