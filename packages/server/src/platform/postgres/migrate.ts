/** The tables of a store: made where there are none, by one node while the others wait; a newer format is refused. */
import { createHash } from 'node:crypto';
import { CofferError } from '@coffer/schema/errors.ts';
import { readMs } from './bounds.ts';
import type { Link } from './link.ts';
import { headTable, layout, type Statements, tableFormat } from './statements.ts';
import { numberOf, type Row, textOf } from './wire.ts';

export interface Tables {
  readonly table: string;
  readonly statements: Statements;
  /** Makes none: somebody else does. */
  readonly skipCreate: boolean;
}

export interface Head {
  readonly revision: number;
  /** Of this one set of tables, made with them. */
  readonly store: string;
}

/** The same for all nodes of a store. */
const lockOf = (table: string): Buffer => createHash('sha256').update(`coffer tables ${table}`).digest().subarray(0, 8);

const isThere = async (link: Link, { table, statements }: Tables): Promise<boolean> => {
  const { rows } = await link.ask({ statement: statements.exists, values: [Buffer.from(headTable(table))] }, readMs);
  return textOf(rows[0]?.[0]) !== '';
};

/** The lock is the session's, and goes with it: a transaction that waited for it would not see what its holder made. */
const make = async (link: Link, tables: Tables): Promise<void> => {
  const { begin, commit, migrating } = tables.statements;
  await link.run([{ statement: migrating, values: [lockOf(tables.table)] }], readMs);
  if (await isThere(link, tables)) return;
  for (const statement of [begin, ...layout(tables.table), commit]) await link.run([{ statement, values: [] }], readMs);
};

/** Rows of `moment` and `lock` end with format and store. */
export const headOf = (row: Row): Head => {
  const format = numberOf(row.at(-2));
  if (row.length === 0)
    throw new CofferError('data_corrupt', 'The database has the tables of a store, but not its head.');
  if (format > tableFormat)
    throw new CofferError(
      'data_corrupt',
      `The tables have format ${format}; this version reads up to ${tableFormat}. Use the newer version.`,
    );
  return { revision: numberOf(row[0]), store: textOf(row.at(-1)) };
};

/** Rejects with the driver's errors. */
export const openTables = async (link: Link, tables: Tables): Promise<Head> => {
  if (!(await isThere(link, tables))) {
    if (tables.skipCreate)
      throw new CofferError(
        'storage_failed',
        'The database does not have the tables of the store, and skip_create_table is set: docs/postgresql.md has the statements that make them.',
      );
    await make(link, tables);
  }
  const { rows } = await link.ask({ statement: tables.statements.moment, values: [] }, readMs);
  return headOf(rows[0] ?? []);
};
