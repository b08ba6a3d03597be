-- make_entries
CREATE TABLE "coffer_entries" (key bytea PRIMARY KEY, revision bigint NOT NULL, value bytea NOT NULL);

-- make_plain
ALTER TABLE "coffer_entries" ALTER COLUMN value SET STORAGE EXTERNAL;

-- make_changes
CREATE TABLE "coffer_changes" (revision bigint PRIMARY KEY, id bytea NOT NULL UNIQUE, entry bytea NOT NULL);

-- make_head
CREATE TABLE "coffer_head" (single boolean PRIMARY KEY DEFAULT true CHECK (single), format bigint NOT NULL, store text NOT NULL, revision bigint NOT NULL);

-- make_first
INSERT INTO "coffer_head" (format, store, revision) VALUES (1, gen_random_uuid()::text, 0);

-- hello
SELECT current_setting('server_version_num'),
  CASE WHEN pg_is_in_recovery() THEN 'on' ELSE current_setting('transaction_read_only') END,
  current_setting('fsync'), current_setting('full_page_writes'), coalesce(current_setting('data_sync_retry', true), 'off'),
  set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
  set_config('lock_timeout', $1::text, false), set_config('statement_timeout', $2::text, false),
  set_config('idle_in_transaction_session_timeout', $3::text, false), set_config('client_min_messages', 'warning', false), set_config('jit', 'off', false);

-- begin
BEGIN ISOLATION LEVEL READ COMMITTED;

-- beginReading
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- commit
COMMIT;

-- unlimited
SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true);

-- migrating
SELECT pg_advisory_lock($1::bigint);

-- exists
SELECT to_regclass($1::text)::text;

-- moment
SELECT revision, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, format, store FROM "coffer_head";

-- lock
SELECT revision, format, store FROM "coffer_head" FOR UPDATE;

-- ids
SELECT id, revision FROM "coffer_changes" WHERE id = ANY($1::bytea[]);

-- revisions
SELECT key, revision FROM "coffer_entries" WHERE key = ANY($1::bytea[]);

-- put
INSERT INTO "coffer_entries" (key, revision, value) SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[]) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value;

-- remove
DELETE FROM "coffer_entries" WHERE key = ANY($1::bytea[]);

-- log
INSERT INTO "coffer_changes" (revision, id, entry) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]);

-- compact
DELETE FROM "coffer_changes" WHERE revision <= $1::bigint;

-- head
UPDATE "coffer_head" SET revision = $1::bigint;

-- tell
SELECT pg_notify($1::text, $2::text);

-- listen
LISTEN "coffer_coffer";

-- get
SELECT key, revision, value FROM "coffer_entries" WHERE key = ANY($1::bytea[]);

-- range
SELECT key, revision, value FROM "coffer_entries" WHERE key >= $1::bytea AND key < $2::bytea ORDER BY key LIMIT $3::bigint;

-- rangeAfter
SELECT key, revision, value FROM "coffer_entries" WHERE key > $1::bytea AND key < $2::bytea ORDER BY key LIMIT $3::bigint;

-- keys
SELECT key, revision, NULL::bytea FROM "coffer_entries" WHERE key >= $1::bytea AND key < $2::bytea ORDER BY key LIMIT $3::bigint;

-- keysAfter
SELECT key, revision, NULL::bytea FROM "coffer_entries" WHERE key > $1::bytea AND key < $2::bytea ORDER BY key LIMIT $3::bigint;

-- changes
SELECT revision, entry FROM "coffer_changes" WHERE revision >= $1::bigint ORDER BY revision LIMIT $2::bigint;

-- all
SELECT key, value FROM (SELECT key, value, sum(octet_length(value)) OVER (ORDER BY key ROWS UNBOUNDED PRECEDING) - octet_length(value) AS before FROM (SELECT key, value FROM "coffer_entries" WHERE key > $1::bytea ORDER BY key LIMIT $2::bigint) page) sized WHERE before < $3::bigint ORDER BY key;

-- clear
DELETE FROM "coffer_entries";

-- forget
DELETE FROM "coffer_changes";
