/** Mounts as tables: what `secrets list` and `auth list` show. */
import { objectIn, textIn } from '@coffer/client/members.ts';
import { type Json, JsonNumber, type JsonObject } from '@coffer/schema/json/value.ts';
import { byName, cell } from '../format/cell.ts';
import { table } from '../format/table.ts';

const system = 'system';

/** A TTL of zero is the system's. */
const ttl = (config: JsonObject, name: string): string => {
  const value = config.get(name);
  return value instanceof JsonNumber && value.toNumber() !== 0 ? value.source : system;
};

const mountsOf = (data: JsonObject): (readonly [string, JsonObject])[] =>
  [...data]
    .filter((entry): entry is [string, JsonObject] => entry[0].endsWith('/') && entry[1] instanceof Map)
    .toSorted(byName);

const shown = (value: Json | undefined): string => (value === undefined || value === null ? '' : cell(value));

export const secretsTable = (data: JsonObject): string =>
  table(
    ['Path', 'Type', 'Accessor', 'Description'],
    mountsOf(data).map(([path, mount]) => [
      path,
      textIn(mount, 'type'),
      textIn(mount, 'accessor'),
      textIn(mount, 'description'),
    ]),
  );

export const authTable = (data: JsonObject): string =>
  table(
    ['Path', 'Type', 'Accessor', 'Description', 'Version'],
    mountsOf(data).map(([path, mount]) => [
      path,
      textIn(mount, 'type'),
      textIn(mount, 'accessor'),
      textIn(mount, 'description'),
      textIn(mount, 'plugin_version'),
    ]),
  );

const common = (path: string, mount: JsonObject): string[] => {
  const config = objectIn(mount, 'config') ?? new Map<string, Json>();
  return [
    path,
    textIn(mount, 'type'),
    textIn(mount, 'accessor'),
    ttl(config, 'default_lease_ttl'),
    ttl(config, 'max_lease_ttl'),
  ];
};

const replication = (mount: JsonObject): string => (mount.get('local') === true ? 'local' : 'replicated');

const version = (mount: JsonObject): string[] =>
  ['plugin_version', 'running_plugin_version', 'running_sha256', 'deprecation_status'].map(name => textIn(mount, name));

const restHeader = [
  'Replication',
  'Seal Wrap',
  'External Entropy Access',
  'Options',
  'Description',
  'UUID',
  'Version',
  'Running Version',
  'Running SHA256',
  'Deprecation Status',
] as const;

/** The cells under `restHeader`. */
const rest = (mount: JsonObject): string[] => [
  replication(mount),
  shown(mount.get('seal_wrap')),
  shown(mount.get('external_entropy_access')),
  cell(objectIn(mount, 'options') ?? new Map()),
  textIn(mount, 'description'),
  textIn(mount, 'uuid'),
  ...version(mount),
];

const secretsHeader = [
  'Path',
  'Plugin',
  'Accessor',
  'Default TTL',
  'Max TTL',
  'Force No Cache',
  ...restHeader,
] as const;

export const secretsDetails = (data: JsonObject): string =>
  table(
    secretsHeader,
    mountsOf(data).map(([path, mount]) => [
      ...common(path, mount),
      shown(objectIn(mount, 'config')?.get('force_no_cache')),
      ...rest(mount),
    ]),
  );

const authHeader = ['Path', 'Plugin', 'Accessor', 'Default TTL', 'Max TTL', 'Token Type', ...restHeader] as const;

export const authDetails = (data: JsonObject): string =>
  table(
    authHeader,
    mountsOf(data).map(([path, mount]) => [
      ...common(path, mount),
      textIn(objectIn(mount, 'config') ?? new Map(), 'token_type'),
      ...rest(mount),
    ]),
  );
