/** What works on all records at once: a copy, from one snapshot of the database, and putting one in the place of all. */
import { randomBytes } from 'node:crypto';
import { CofferError } from '@coffer/schema/errors.ts';
import type { StoredCopy, Write } from '../../contracts/storage.ts';
import { packChange } from '../storage/change-entry.ts';
import { CopyParser, copyHead } from '../storage/copy-format.ts';
import type { SpooledCopy, Spools } from '../storage/spool.ts';
import { copyBytes, copyRecords, doubtPatienceMs, readMs, wholeMs } from './bounds.ts';
import type { Step } from './driver.ts';
import { failureOf } from './failure.ts';
import type { Link } from './link.ts';
import { headOf } from './migrate.ts';
import { patiently } from './retry.ts';
import type { Statements } from './statements.ts';
import { bytesArray, int8, int8Array } from './wire.ts';

export interface WholeParts {
  readonly open: () => Promise<Link>;
  readonly statements: Statements;
  readonly spools: Spools;
  readonly channel: string;
}

const bare = (statement: Step['statement']): Step => ({ statement, values: [] });

/** Rejects with the driver's errors, or `CofferError`. */
export const copyAll = async ({ open, statements, spools }: WholeParts): Promise<StoredCopy> => {
  const link = await open();
  const spool = await spools.receive([]);
  try {
    const [, , moment] = await link.run(
      [bare(statements.beginReading), bare(statements.unlimited), bare(statements.moment)],
      readMs,
    );
    const { revision } = headOf(moment?.rows[0] ?? []);
    for (let after: Buffer | undefined = Buffer.alloc(0); after !== undefined; ) {
      const values = [after, int8(copyRecords), int8(copyBytes)];
      const { rows } = await link.ask({ statement: statements.all, values }, wholeMs);
      after = rows.at(-1)?.[0] ?? undefined;
      const pieces = rows.flatMap(([key, value]) => {
        const bytes = value ?? Buffer.alloc(0);
        return [copyHead(key ?? Buffer.alloc(0), bytes.length), bytes];
      });
      await spool.write(Buffer.concat(pieces));
    }
    const copy = (await spool.finish()) as SpooledCopy;
    return copy.at(revision);
  } catch (cause) {
    await spool.discard();
    throw cause;
  } finally {
    link.destroy();
  }
};

interface Record {
  readonly key: Buffer;
  readonly value: Buffer;
}

const putting = (statements: Statements, records: readonly Record[], revision: number): Step => ({
  statement: statements.put,
  values: [
    bytesArray(records.map(({ key }) => key)),
    int8Array(records.map(() => revision)),
    bytesArray(records.map(({ value }) => value)),
  ],
});

/** Records of a copy, some at a time. */
async function* pagesOf(copy: SpooledCopy): AsyncGenerator<readonly Record[]> {
  const parser = new CopyParser();
  let page: Record[] = [];
  let bytes = 0;
  for await (const piece of copy.read()) {
    for (const { key, value } of parser.push(piece)) {
      page.push({ key: Buffer.from(key), value: Buffer.from(value) });
      bytes += value.length;
      if (page.length < copyRecords && bytes < copyBytes) continue;
      yield page;
      page = [];
      bytes = 0;
    }
  }
  parser.finish();
  if (parser.records !== copy.records)
    throw new CofferError('data_corrupt', 'the snapshot was changed on the disk after it was verified');
  if (page.length > 0) yield page;
}

const alsoWriting = (statements: Statements, also: readonly Write[], revision: number): Step[] => {
  const last = new Map(also.map(({ key, value }) => [key, value]));
  const kept = [...last].flatMap(([key, value]) =>
    value === undefined ? [] : [{ key: Buffer.from(key), value: Buffer.from(value) }],
  );
  return [
    { statement: statements.remove, values: [bytesArray([...last.keys()].map(key => Buffer.from(key)))] },
    ...(kept.length === 0 ? [] : [putting(statements, kept, revision)]),
  ];
};

const unknown = (cause: unknown): CofferError =>
  new CofferError(
    'storage_failed',
    'The database went away while it put the snapshot in place: whether it did is not known.',
    { cause },
  );

/** Whether the transaction with this id was committed, asked under the lock that it held. */
const wasMade = ({ open, statements }: WholeParts, id: Buffer): Promise<boolean> =>
  patiently({ ms: doubtPatienceMs }, async () => {
    const link = await open();
    try {
      const found = { statement: statements.ids, values: [bytesArray([id])] };
      const answers = await link.run([bare(statements.begin), bare(statements.lock), found], readMs);
      return (answers[2]?.rows.length ?? 0) > 0;
    } finally {
      link.destroy();
    }
  }).catch((cause: unknown) => Promise.reject(unknown(cause)));

/** Answers the new revision: one is left out, so that whoever follows sees that there is no history to it. */
export const replaceAll = async (parts: WholeParts, copy: SpooledCopy, also: readonly Write[]): Promise<number> => {
  const { open, statements, channel } = parts;
  const link = await open();
  const id = randomBytes(16);
  try {
    const [, , locked] = await link.run(
      [bare(statements.begin), bare(statements.unlimited), bare(statements.lock)],
      readMs,
    );
    const revision = headOf(locked?.rows[0] ?? []).revision + 2;
    await link.run([bare(statements.clear), bare(statements.forget)], wholeMs);
    for await (const records of pagesOf(copy)) await link.run([putting(statements, records, revision)], wholeMs);
    const entry = packChange({ writes: [] });
    const logging = [int8Array([revision]), bytesArray([id]), bytesArray([entry])];
    const last: Step[] = [
      ...alsoWriting(statements, also, revision),
      { statement: statements.log, values: logging },
      { statement: statements.head, values: [int8(revision)] },
      { statement: statements.tell, values: [Buffer.from(channel), Buffer.from(`${revision}`)] },
      bare(statements.commit),
    ];
    await link.run(last, wholeMs, true).catch(async (cause: unknown) => {
      if (failureOf(cause).undone || !(await wasMade(parts, id))) throw cause;
    });
    return revision;
  } finally {
    link.destroy();
  }
};
