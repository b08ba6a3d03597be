/**
 * Every statement that is sent, for tables of one name. `test/golden/postgresql.sql` has them, so that it can be judged
 * which other servers would understand them. The names of tables are the only thing put into a text; see `quoted`.
 */
import type { Statement } from './driver.ts';
import { checkTableName } from './table-name.ts';

const quoted = (name: string, end: string): string =>
  `${checkTableName(name)}_${end}`
    .split('.')
    .map(part => `"${part}"`)
    .join('.');

/** Grows when an older version could not read the tables any more. */
export const tableFormat = 1;

const make = (what: string, text: string): Statement => ({ name: `make_${what}`, text });

/** What makes the tables, each run by itself within one transaction. */
export const layout = (name: string): readonly Statement[] => {
  const schema = name.includes('.') ? name.slice(0, name.indexOf('.')) : undefined;
  return [
    ...(schema === undefined ? [] : [make('schema', `CREATE SCHEMA IF NOT EXISTS "${schema}"`)]),
    make(
      'entries',
      `CREATE TABLE ${quoted(name, 'entries')} (key bytea PRIMARY KEY, revision bigint NOT NULL, value bytea NOT NULL)`,
    ),
    // What is encrypted does not grow smaller by compression.
    make('plain', `ALTER TABLE ${quoted(name, 'entries')} ALTER COLUMN value SET STORAGE EXTERNAL`),
    make(
      'changes',
      `CREATE TABLE ${quoted(name, 'changes')} (revision bigint PRIMARY KEY, id bytea NOT NULL UNIQUE, entry bytea NOT NULL)`,
    ),
    make(
      'head',
      `CREATE TABLE ${quoted(name, 'head')} (single boolean PRIMARY KEY DEFAULT true CHECK (single), format bigint NOT NULL, store text NOT NULL, revision bigint NOT NULL)`,
    ),
    make(
      'first',
      `INSERT INTO ${quoted(name, 'head')} (format, store, revision) VALUES (${tableFormat}, gen_random_uuid()::text, 0)`,
    ),
  ];
};

/** What is asked of every new connection, and set on it: $1 lock, $2 statement, $3 idle in transaction, in milliseconds. */
const hello = `SELECT current_setting('server_version_num'),
  CASE WHEN pg_is_in_recovery() THEN 'on' ELSE current_setting('transaction_read_only') END,
  current_setting('fsync'), current_setting('full_page_writes'), coalesce(current_setting('data_sync_retry', true), 'off'),
  set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
  set_config('lock_timeout', $1::text, false), set_config('statement_timeout', $2::text, false),
  set_config('idle_in_transaction_session_timeout', $3::text, false), set_config('client_min_messages', 'warning', false), set_config('jit', 'off', false)`;

const tables = (name: string) => {
  const entries = quoted(name, 'entries');
  const changes = quoted(name, 'changes');
  const head = quoted(name, 'head');
  const rangeOf = (value: string, compare: string): string =>
    `SELECT key, revision, ${value} FROM ${entries} WHERE key ${compare} $1::bytea AND key < $2::bytea ORDER BY key LIMIT $3::bigint`;
  return {
    hello,
    begin: 'BEGIN ISOLATION LEVEL READ COMMITTED',
    beginReading: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    commit: 'COMMIT',
    unlimited: `SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`,
    migrating: 'SELECT pg_advisory_lock($1::bigint)',
    exists: `SELECT to_regclass($1::text)::text`,
    moment: `SELECT revision, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, format, store FROM ${head}`,
    lock: `SELECT revision, format, store FROM ${head} FOR UPDATE`,
    ids: `SELECT id, revision FROM ${changes} WHERE id = ANY($1::bytea[])`,
    revisions: `SELECT key, revision FROM ${entries} WHERE key = ANY($1::bytea[])`,
    put: `INSERT INTO ${entries} (key, revision, value) SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[]) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value`,
    remove: `DELETE FROM ${entries} WHERE key = ANY($1::bytea[])`,
    log: `INSERT INTO ${changes} (revision, id, entry) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])`,
    compact: `DELETE FROM ${changes} WHERE revision <= $1::bigint`,
    head: `UPDATE ${head} SET revision = $1::bigint`,
    tell: 'SELECT pg_notify($1::text, $2::text)',
    listen: `LISTEN "${channelOf(name)}"`,
    get: `SELECT key, revision, value FROM ${entries} WHERE key = ANY($1::bytea[])`,
    range: rangeOf('value', '>='),
    rangeAfter: rangeOf('value', '>'),
    keys: rangeOf('NULL::bytea', '>='),
    keysAfter: rangeOf('NULL::bytea', '>'),
    changes: `SELECT revision, entry FROM ${changes} WHERE revision >= $1::bigint ORDER BY revision LIMIT $2::bigint`,
    // As many as $2 says, and no more than begin within $3 bytes of values.
    all: `SELECT key, value FROM (SELECT key, value, sum(octet_length(value)) OVER (ORDER BY key ROWS UNBOUNDED PRECEDING) - octet_length(value) AS before FROM (SELECT key, value FROM ${entries} WHERE key > $1::bytea ORDER BY key LIMIT $2::bigint) page) sized WHERE before < $3::bigint ORDER BY key`,
    clear: `DELETE FROM ${entries}`,
    forget: `DELETE FROM ${changes}`,
  } as const;
};

/** Of NOTIFY. */
export const channelOf = (name: string): string => `coffer_${checkTableName(name).replace('.', '_')}`.slice(0, 63);

export type Statements = { readonly [K in keyof ReturnType<typeof tables>]: Statement };

export const statementsOf = (name: string): Statements =>
  Object.fromEntries(Object.entries(tables(name)).map(([key, text]) => [key, { name: key, text }])) as Statements;

/** The table whose presence says that the others are there. */
export const headTable = (name: string): string => quoted(name, 'head');
