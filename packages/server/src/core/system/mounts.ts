/** Rows of `sys/mounts` and `sys/auth`: the same operations over two classes of mounts. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import { Reply } from '@coffer/schema/row.ts';
import { effectiveTtl, type SystemTtl } from '../mounts/lease-times.ts';
import type { MountClass, MountRecord } from '../mounts/mount.ts';
import { plainMountConfig } from '../mounts/mount.ts';
import { newMountRecord } from '../mounts/new-record.ts';
import { mountPath, refuseReserved } from '../mounts/paths.ts';
import { upgradeWarning, withOptions } from '../mounts/upgrade.ts';
import { read, remove, type SystemCx, write } from './context.ts';
import {
  changedConfig,
  type ConfigChange,
  configFields,
  mountInfo,
  mountsByPath,
  optionalConfig,
  readConfig,
} from './mount-config.ts';

const enableFields = {
  path: t.path('Where the mount stands'),
  type: t.string('Type of the engine', { required: true }),
  description: t.string('What it is for, for people'),
  config: t.object('Settings, as in tune'),
  options: t.keyvalues('Options of the engine, such as version'),
  local: t.boolean('Not replicated'),
  seal_wrap: t.boolean('Not offered: true is refused'),
  external_entropy_access: t.boolean('Accepted, without effect'),
  plugin_name: t.string('Accepted, without effect: engines are built in'),
} as const;

const infoFields = {
  accessor: t.string('Name of the mount that never changes'),
  config: t.object('Settings'),
  description: t.string('What it is for'),
  options: t.keyvalues('Options of the engine'),
  type: t.string('Type of the engine'),
  uuid: t.string('Id of the mount'),
} as const;

interface EnableArgs {
  readonly path: string;
  readonly type: string;
  readonly description?: string | undefined;
  readonly config?: RawJson | undefined;
  readonly options?: ReadonlyMap<string, string> | undefined;
  readonly local?: boolean | undefined;
  readonly seal_wrap?: boolean | undefined;
}

/** Engines whose one mount every store has. */
const builtInTypes: ReadonlySet<string> = new Set(['cubbyhole']);
const versionedType = /^kv-v([12])$/;

const enable = async ({ core }: SystemCx, kind: MountClass, args: EnableArgs): Promise<void> => {
  const path = mountPath(args.path);
  refuseReserved(kind, path);
  if (args.seal_wrap === true) throw noSealWrap();
  const versioned = versionedType.exec(args.type);
  const type = versioned === null ? args.type : 'kv';
  const options = new Map(args.options);
  if (versioned?.[1] !== undefined) options.set('version', versioned[1]);
  const engine = core.mounts.engineFor({ class: kind, type, options });
  if (engine === undefined) throw noEngine(kind, type, options);
  if (builtInTypes.has(type)) throw new CofferError('invalid_request', `mount type of "${type}" is not mountable`);
  if (options.has('version') && engine.variant === undefined)
    throw new CofferError('invalid_request', `secrets engines of type "${type}" take no options.version`);
  await core.mounts.add(
    newMountRecord(core.random, {
      class: kind,
      path,
      type,
      description: args.description ?? '',
      local: args.local ?? false,
      options,
      config: changedConfig(plainMountConfig, checkedConfig(kind, readConfig(args.config)), core.ttl),
    }),
  );
};

/** Shown as kept, it would promise a second encryption that nobody makes. */
const noSealWrap = (): CofferError =>
  new CofferError(
    'invalid_request',
    'seal_wrap is not offered: records are encrypted by the barrier alone; leave it out or set it to false',
  );

const noEngine = (kind: MountClass, type: string, options: ReadonlyMap<string, string>): CofferError =>
  new CofferError(
    'invalid_request',
    options.get('version') === undefined
      ? `plugin not found in the catalog: this version has no ${kind === 'auth' ? 'auth method' : 'secrets engine'} of type "${type}"${kind === 'auth' ? '; it has kubernetes, and token without being enabled' : '; it has kv (with options version 1 or 2)'}`
      : `there is no ${kind === 'auth' ? 'auth method' : 'secrets engine'} of type "${type}" with options.version "${options.get('version')}"`,
  );

const recordAt = ({ core }: SystemCx, kind: MountClass, path: string): MountRecord => {
  const mount = core.mounts.at(kind, mountPath(path));
  if (mount === undefined) throw noMount(kind, path);
  return mount.record;
};

const noMount = (kind: MountClass, path: string): CofferError =>
  new CofferError('invalid_request', `No ${kind === 'auth' ? 'auth' : 'secret'} engine mount at ${mountPath(path)}`);

const disable = async (cx: SystemCx, kind: MountClass, asked: string): Promise<Reply | undefined> => {
  const path = mountPath(asked);
  refuseReserved(kind, path);
  const removal = await cx.core.mounts.remove(kind, path);
  return removal === 'waits for leases' ? new Reply(undefined, { warnings: [leasesLeft] }) : undefined;
};

const leasesLeft =
  'The mount serves no more. Some of its leases could not be revoked yet: its records stay until they are, or until sys/leases/revoke-force gives them up.';

const tuneFields = {
  path: t.path('Where the mount stands'),
  description: t.string('What it is for'),
  options: t.keyvalues('Options of the engine; version 2 upgrades a kv mount'),
  ...configFields,
} as const;

const tuned = (cx: SystemCx, kind: MountClass, path: string) => {
  const record = recordAt(cx, kind, path);
  const ttl = effectiveTtl(record.config, cx.core.ttl);
  return {
    default_lease_ttl: ttl.defaultLeaseSeconds,
    max_lease_ttl: ttl.maxLeaseSeconds,
    description: record.description,
    force_no_cache: record.config.forceNoCache,
    ...(record.options.size === 0 ? {} : { options: record.options }),
    ...optionalConfig(record.config),
    ...(kind === 'auth' ? { token_type: record.config.tokenType || 'default-service' } : {}),
  };
};

type TuneArgs = ConfigChange & {
  readonly path: string;
  readonly description?: string | undefined;
  readonly options?: ReadonlyMap<string, string> | undefined;
};

const tune = async (cx: SystemCx, kind: MountClass, args: TuneArgs): Promise<Reply | undefined> => {
  const record = recordAt(cx, kind, args.path);
  checkedConfig(kind, args);
  if (cx.core.mounts.isBuiltIn(record)) refuseForBuiltIn(record, args);
  const next = await cx.core.mounts.change(kind, record.path, before => retuned(before, args, cx.core.ttl));
  if (next === undefined) throw noMount(kind, args.path);
  return next.upgradingTo === undefined ? undefined : new Reply(undefined, { warnings: [upgradeWarning] });
};

/** What would be kept and shown, and change nothing. */
const refuseForBuiltIn = ({ path }: MountRecord, args: TuneArgs): void => {
  const inert =
    args.options !== undefined && args.options.size > 0
      ? 'options'
      : args.force_no_cache === true
        ? 'force_no_cache'
        : (args.token_type ?? builtInTokenType) === builtInTokenType
          ? undefined
          : 'token_type';
  if (inert !== undefined)
    throw new CofferError('invalid_request', `${path} belongs to the store itself: ${inert} cannot be set for it`);
};

const builtInTokenType = 'default-service';

const mountTokenTypes: readonly string[] = ['default-service', 'default-batch', 'service', 'batch'];

const checkedConfig = (kind: MountClass, config: ConfigChange): ConfigChange => {
  const type = config.token_type ?? '';
  if (kind !== 'auth' && type !== '')
    throw new CofferError('invalid_request', "'token_type' can only be modified on auth mounts");
  if (type !== '' && !mountTokenTypes.includes(type))
    throw new CofferError('invalid_request', `token_type: expected one of ${mountTokenTypes.join(', ')}`);
  return config;
};

const retuned = (before: MountRecord, args: TuneArgs, system: SystemTtl): MountRecord => {
  const next: MountRecord = {
    ...before,
    description: args.description ?? before.description,
    config: changedConfig(before.config, args, system),
  };
  return args.options === undefined ? next : withOptions(next, new Map([...before.options, ...args.options]));
};

/** `mounts` or `auth`; auth mounts ask for sudo, but not where they are tuned through `mounts/auth/…`. */
const rowsOf = (kind: MountClass, base: 'mounts' | 'auth') => {
  const access = kind === 'auth' ? 'sudo' : 'token';
  const noun = kind === 'auth' ? 'auth method' : 'secrets engine';
  const tuneRows = (path: `${string}/:path*/tune`, tuneAccess: 'sudo' | 'token') => [
    read(
      path as ':path*/tune',
      {
        summary: `Read the settings of the ${noun}`,
        in: { path: tuneFields.path },
        out: tuneFields,
        access: tuneAccess,
      },
      (cx, args) => tuned(cx, kind, args.path),
    ),
    write(
      path as ':path*/tune',
      { summary: `Change the settings of the ${noun}`, in: tuneFields, access: tuneAccess },
      (cx, args) => tune(cx, kind, args as TuneArgs),
    ),
  ];
  return [
    read(base, { summary: `List the mounted ${noun}s`, legacyTopLevel: true, aliases: [`${base}/`] }, ({ core }) =>
      mountsByPath(core.mounts.list(kind)),
    ),
    read(
      `${base}/:path*`,
      { summary: `Read how the ${noun} is mounted`, in: { path: tuneFields.path }, out: infoFields, access },
      (cx, { path }) => mountInfo(recordAt(cx, kind, path)),
    ),
    write(`${base}/:path*`, { summary: `Mount a ${noun}`, in: enableFields, access }, (cx, args) =>
      enable(cx, kind, args),
    ),
    remove(
      `${base}/:path*`,
      { summary: `Unmount the ${noun} and destroy its records`, in: { path: tuneFields.path }, access },
      (cx, { path }) => disable(cx, kind, path),
    ),
    ...tuneRows(`${base}/:path*/tune`, access),
    ...(kind === 'auth' ? tuneRows('mounts/auth/:path*/tune', 'token') : []),
  ];
};

export const mountRows = [...rowsOf('secret', 'mounts'), ...rowsOf('auth', 'auth')];
