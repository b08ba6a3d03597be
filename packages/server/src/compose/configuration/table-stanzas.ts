/** Types and keys of `storage`, `seal` and `audit`. */
import { deviceOptions, deviceTypes } from '../../core/audit/options.ts';
import { type KeyRow, rows } from './key-row.ts';

const noPeers = 'nodes do not speak to each other';
const noCluster = 'nodes meet in the one table: several may always share it';
const useSqlite = 'not supported: use storage "sqlite" { path = "…" }, or storage "postgresql"';
const useStatic = 'not supported: use seal "static" with a key file, or seal "shamir"';
const common = [
  'disabled',
  'purpose',
  'health_check_enabled',
  'health_check_timeout',
  'health_check_interval',
] as const;

const storageTypes = ['raft', 'consul', 'etcd', 'zookeeper', 'dynamodb', 's3', 'gcs', 'azure', 'mysql'] as const;
const moreStorageTypes = [
  'cockroachdb',
  'cassandra',
  'spanner',
  'swift',
  'mssql',
  'couchdb',
  'oci',
  'foundationdb',
] as const;
const sealTypes = ['transit', 'awskms', 'gcpckms', 'azurekeyvault', 'ocikms', 'pkcs11', 'kmip'] as const;
const moreSealTypes = ['alicloudkms', 'ovhcloud', 'tcloudpublic'] as const;

const storageCommon = (block: string): KeyRow[] =>
  rows(block, 'warning', [
    ['redirect_addr', 'text', 'use api_addr at the top level'],
    ['advertise_addr', 'text', 'use api_addr at the top level'],
    ['cluster_addr', 'text', noPeers],
    ['disable_clustering', 'bool', noPeers, 'true'],
  ]);

const sealCommon = (block: string): KeyRow[] => [
  ...rows(block, 'error', [
    [common[0], 'bool', 'seals cannot be migrated by configuration: remove the block, or set it to false', 'false'],
    [common[1], 'texts', 'there is one seal for everything: remove it'],
  ]),
  ...rows(block, 'warning', [
    [common[2], 'bool', 'the seal is local and needs no checks'],
    [common[3], 'duration', 'the seal is local and needs no checks'],
    [common[4], 'duration', 'the seal is local and needs no checks'],
    ['health_check_interval_unhealthy', 'duration', 'the seal is local and needs no checks'],
  ]),
];

export const stanzaRows: readonly KeyRow[] = [
  ...rows('storage types', 'honoured', [
    ['sqlite', 'type', 'one database file; every acknowledged write survives a power cut'],
    ['postgresql', 'type', 'a PostgreSQL database, 15 or newer; see docs/postgresql.md'],
    ['inmem', 'type', 'memory only: everything is gone when the process ends (with a warning)'],
    ['file', 'type', 'kept for old configurations: a SQLite database in that directory (with a warning)'],
  ]),
  ...rows('storage types', 'error', [
    ['inmem_ha', 'type', 'not supported: use storage "inmem", or storage "sqlite" { path = "…" }'],
    ...[...storageTypes, ...moreStorageTypes].map(type => [type, 'type', useSqlite] as const),
  ]),
  ...rows('storage sqlite', 'honoured', [['path', 'text', 'the database file; required']]),
  ...storageCommon('storage sqlite'),
  ...rows('storage file', 'honoured', [['path', 'text', 'a directory; the database is `coffer.db` in it; required']]),
  ...storageCommon('storage file'),
  ...storageCommon('storage inmem'),
  ...rows('storage postgresql', 'honoured', [
    [
      'connection_url',
      'text',
      'where the database is, as libpq has it; `COFFER_PG_CONNECTION_URL` wins over it, and libpq’s variables (`PGHOST`, `PGPASSWORD` …) fill in what it leaves out',
    ],
    ['table', 'text', 'prefix of the three tables, or schema.prefix; default `coffer`'],
    ['skip_create_table', 'bool', 'the tables are made by somebody else; default false'],
    ['max_parallel', 'integer', 'connections for reading at a time, besides two for writing and watching; default 16'],
    ['max_idle_connections', 'integer', 'connections for reading that are kept without use; default 4'],
    ['max_connect_retries', 'integer', 'attempts to connect when the server starts, 0 for without end; default 1'],
  ]),
  ...rows('storage postgresql', 'warning', [
    ['ha_enabled', 'text', noCluster, 'false', 'true'],
    ['ha_table', 'text', noCluster],
    ['hatable', 'text', noCluster],
    ['transaction_max_parallel', 'integer', 'commits go in batches over one connection'],
  ]),
  ...storageCommon('storage postgresql'),
  ...rows('seal types', 'honoured', [
    ['shamir', 'type', 'the root key is shared out among people'],
    ['static', 'type', 'a key of 32 bytes opens the store when the server starts'],
  ]),
  ...rows(
    'seal types',
    'error',
    [...sealTypes, ...moreSealTypes].map(type => [type, 'type', useStatic] as const),
  ),
  ...sealCommon('seal shamir'),
  ...rows('seal static', 'honoured', [
    ['current_key_id', 'text', 'name of the key; required'],
    ['current_key', 'text', '32 bytes as `file:///path`, `env://NAME`, base64 or hexadecimal; required'],
    ['previous_key_id', 'text', 'name of the key before, while records are moved to the current one'],
    ['previous_key', 'text', 'that key'],
  ]),
  ...sealCommon('seal static'),
  ...rows('anchor types', 'honoured', [['file', 'type', 'a file out of the reach of who can write the store']]),
  ...rows('anchor file', 'honoured', [
    ['path', 'text', 'absolute path of the file, on another disk than the store; required'],
    ['max_lag', 'duration', 'longest time between a write and the anchor: what a roll-back can hide; default 1s'],
  ]),
  ...rows('audit types', 'honoured', [
    ['file', 'type', 'a file, `stdout`, or `discard`'],
    ['socket', 'type', 'lines to a TCP or unix socket'],
    ['syslog', 'type', 'the system log, of this machine or another'],
    ['http', 'type', 'each record posted to a URL'],
  ]),
  ...rows('audit', 'honoured', [
    ['description', 'text', 'shown in sys/audit'],
    ['options', 'block', 'options of the device'],
  ]),
  ...rows('audit', 'warning', [['local', 'strict bool', 'every device is local to its node', 'true', 'false']]),
  ...deviceTypes.flatMap(type =>
    deviceOptions[type].map(
      ({ name, kind, honoured, note, harmless }): KeyRow => ({
        block: `audit ${type} options`,
        key: name,
        kind,
        list: honoured ? 'honoured' : 'error',
        note,
        harmless,
      }),
    ),
  ),
];
