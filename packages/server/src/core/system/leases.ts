/** Rows of `sys/leases` and their older forms: look-up, renewal and revocation of leases. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Lease } from '../leases/lease.ts';
import { countIrrevocable, irrevocableLeases, leaseNames } from '../leases/list.ts';
import { renewLease } from '../leases/renew.ts';
import type { Revoked } from '../leases/revocation.ts';
import { findLogin } from '../logins/lease.ts';
import type { Core } from '../request/core.ts';
import { loginLeaseId, loginPathPrefix } from '../tokens/store.ts';
import { secondsLeft, type Token } from '../tokens/token.ts';
import { isLeaseId } from '../leases/store.ts';
import { list, read, type SystemCx, write } from './context.ts';

const idFields = {
  lease_id: t.string('The lease'),
  url_lease_id: t.path('The lease, in the path'),
} as const;
const incrementField = t.duration('Time asked for from now; the first time to live where absent', { default: 0 });
const prefixField = t.path('Path that the ids of the leases begin with');
const typeField = t.string('Only `irrevocable`: leases whose engine failed too often');

interface Named {
  readonly lease_id?: string | undefined;
  readonly url_lease_id?: string | undefined;
}

const idOf = (args: Named): string => {
  const id = args.lease_id ?? args.url_lease_id ?? '';
  if (id === '') throw new CofferError('invalid_request', 'lease_id must be specified');
  return id;
};

const lookup = async ({ core }: SystemCx, args: Named) => {
  const held = await core.leases.store.get(idOf(args));
  const now = core.tokens.nowSeconds();
  if (held !== undefined) return leaseData(held.record, now);
  const login = await findLogin(core, idOf(args));
  if (login === undefined) throw new CofferError('invalid_request', 'invalid lease');
  return loginData(login, now);
};

const loginData = (token: Token, nowSeconds: number) => ({
  id: loginLeaseId(token),
  path: token.path,
  issue_time: dateOf(token.createdAtSeconds),
  expire_time: dateOf(token.expiresAtSeconds),
  last_renewal: dateOf(token.lastRenewedAtSeconds),
  renewable: token.renewable,
  ttl: secondsLeft(token, nowSeconds),
});

const dateOf = (seconds: number): Date | null => (seconds === 0 ? null : new Date(seconds * 1000));

const leaseData = (lease: Lease, nowSeconds: number) => ({
  id: lease.id,
  path: lease.path,
  issue_time: dateOf(lease.issuedAtSeconds),
  expire_time: dateOf(lease.expiresAtSeconds),
  last_renewal: dateOf(lease.renewedAtSeconds),
  renewable: lease.renewable && lease.state === 'live',
  ttl: Math.max(0, lease.expiresAtSeconds - nowSeconds),
  ...(lease.state === 'live' ? {} : { state: lease.state }),
  ...(lease.failure === '' ? {} : { revocation_attempts: lease.attempts, revocation_error: lease.failure }),
});

const renew = async ({ core }: SystemCx, args: Named & { readonly increment: number }): Promise<Reply> => {
  if ((await findLogin(core, idOf(args))) !== undefined)
    throw new CofferError('invalid_request', 'tokens cannot be renewed through this endpoint');
  const { lease, ttlSeconds, warnings } = await renewLease(core, idOf(args), args.increment);
  const { id, renewable } = lease;
  return new Reply(undefined, { status: 200, lease: { id, renewable, durationSeconds: ttlSeconds }, warnings });
};

/** 204 where it is done, 202 without a body where it was queued. */
const revokedReply = ({ count, failures }: Revoked, sync: boolean): Reply | undefined => {
  const [first] = failures;
  if (first !== undefined)
    throw new CofferError(
      'invalid_request',
      `lease "${first.id}" could not be revoked: ${first.reason}; it is over and will be tried again`,
    );
  return sync || count === 0 ? undefined : accepted();
};

const accepted = (): Reply =>
  new Reply(undefined, { status: 202, raw: { contentType: 'application/json', bytes: new Uint8Array(0) } });

const revoke = async ({ core }: SystemCx, args: Named & { readonly sync: boolean }): Promise<Reply | undefined> => {
  const id = idOf(args);
  if (!isLeaseId(id)) return undefined;
  if (await revokeLogin(core, id)) return undefined;
  return revokedReply(await core.leases.revocation.revoke(id, { sync: args.sync, forced: false }), args.sync);
};

const revokeLogin = async (core: Core, id: string): Promise<boolean> => {
  const login = await findLogin(core, id);
  return login !== undefined && core.revocation.revoke(login.accessor);
};

interface PrefixArgs {
  readonly prefix: string;
  readonly sync: boolean;
  readonly forced: boolean;
}

const revokePrefix = async ({ core }: SystemCx, { prefix, sync, forced }: PrefixArgs): Promise<Reply | undefined> => {
  if (!isLeaseId(prefix)) throw new CofferError('invalid_request', 'the prefix is no part of the id of a lease');
  const single = (await revokeLogin(core, prefix)) ? 1 : 0;
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const logins = single + (await core.revocation.revokeLogins(folder)) + (await revokeMount(core, folder));
  const leases = await core.leases.revocation.revokePrefix(prefix, { sync, forced });
  return revokedReply({ ...leases, count: leases.count + logins }, sync);
};

/** Logins keep the name they were made under: those from before the mount was moved here end with the others. */
const revokeMount = async (core: Core, folder: string): Promise<number> => {
  const mount = core.mounts.resolve(folder);
  return mount?.prefix === folder && mount.record.class === 'auth' ? core.revocation.revokeMount(mount.record.id) : 0;
};

const names = async (
  { core }: SystemCx,
  args: { readonly prefix?: string | undefined; readonly after: string; readonly limit: number },
) => {
  const folder = args.prefix ?? '';
  const part = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  if (part + args.after !== '' && !isLeaseId(part + args.after))
    throw new CofferError('invalid_request', 'prefix and after are no part of the id of a lease');
  const limit = args.limit === 0 ? Infinity : args.limit;
  const page = { folder: part, after: args.after, limit };
  const leases = await leaseNames(core.leases.store, page);
  const logins = await leaseNames(core.leases.store, { ...page, index: loginPathPrefix });
  // No secrets engine stands below `auth/`: where there are both, that folder is all that logins add.
  const [first = ''] = logins;
  const keys = [...leases.filter(name => name < first), ...logins, ...leases.filter(name => name > first)].slice(
    0,
    limit,
  );
  return keys.length === 0 ? undefined : { keys };
};

const refuseOtherTypes = (type: string | undefined): void => {
  if (type?.toLowerCase() !== 'irrevocable')
    throw new CofferError(
      'invalid_request',
      'type must be "irrevocable": no other leases are counted or shown together',
    );
};

const count = async ({ core }: SystemCx, type: string | undefined) => {
  refuseOtherTypes(type);
  const byMount = await countIrrevocable(core.leases.store);
  const counts = [...byMount].map(([id, amount]) => [core.mounts.byId(id)?.record.accessor ?? id, amount] as const);
  return { lease_count: counts.reduce((sum, [, amount]) => sum + amount, 0), counts: Object.fromEntries(counts) };
};

const defaultShown = 10_000;

const irrevocable = async (
  { core }: SystemCx,
  args: { readonly type?: string | undefined; readonly limit?: number | undefined },
) => {
  refuseOtherTypes(args.type);
  const limit = args.limit === undefined ? defaultShown : args.limit === 0 ? Infinity : args.limit;
  const leases = await irrevocableLeases(core.leases.store, limit);
  return {
    lease_count: leases.length,
    leases: leases.map(({ id, mountId, failure, expiresAtSeconds }) => ({
      lease_id: id,
      mount_accessor: core.mounts.byId(mountId)?.record.accessor ?? mountId,
      error: failure,
      expire_time: dateOf(expiresAtSeconds),
    })),
  };
};

const sync = t.boolean('Wait until the engine is done; otherwise the answer is 202', { default: false });

export const leaseRows = [
  write(
    'leases/lookup',
    {
      summary: 'Show a lease',
      in: { lease_id: idFields.lease_id },
      out: {
        id: t.string('The lease'),
        path: t.string('The request that made it'),
        issue_time: t.time('When it was made'),
        expire_time: t.time('When it ends'),
        last_renewal: t.time('When it was last renewed; null for never'),
        renewable: t.boolean('It can be renewed'),
        ttl: t.integer('Seconds it still lives'),
        state: t.string('Where it is not live: making, revoking or irrevocable'),
        revocation_attempts: t.integer('How often revoking it failed'),
        revocation_error: t.string('Why it failed last'),
      },
      pure: true,
    },
    lookup,
  ),
  list(
    'leases/lookup/:prefix*?',
    {
      summary: 'List leases and folders of them',
      access: 'sudo',
      in: {
        prefix: t.path('Folder of the ids; the top one where absent'),
        after: t.string('Answer only names behind this one, which need not exist', { default: '' }),
        limit: t.limit('Most names answered; 0, a negative number or "max" for all', { default: 0 }),
      },
      out: { keys: t.list('Names; folders end in a slash') },
    },
    names,
  ),
  write(
    'leases/renew/:url_lease_id*?',
    {
      summary: 'Renew a lease',
      in: { ...idFields, increment: incrementField },
      aliases: ['renew/:url_lease_id*?'],
    },
    renew,
  ),
  write(
    'leases/revoke/:url_lease_id*?',
    { summary: 'Revoke a lease', in: { ...idFields, sync }, aliases: ['revoke/:url_lease_id*?'] },
    revoke,
  ),
  write(
    'leases/revoke-prefix/:prefix*',
    {
      summary: 'Revoke all leases below a path, and the tokens of logins there',
      access: 'sudo',
      in: { prefix: prefixField, sync },
      aliases: ['revoke-prefix/:prefix*'],
    },
    (cx, args) => revokePrefix(cx, { ...args, forced: false }),
  ),
  write(
    'leases/revoke-force/:prefix*',
    {
      summary: 'Give up all leases below a path, whatever their engines say',
      access: 'sudo',
      in: { prefix: prefixField, sync },
      aliases: ['revoke-force/:prefix*'],
    },
    (cx, args) => revokePrefix(cx, { ...args, forced: true }),
  ),
  read(
    'leases',
    {
      summary: 'Show the leases that could not be revoked',
      access: 'sudo',
      in: { type: typeField, limit: t.limit('Most leases answered, 10,000 where absent; 0 or "max" for all') },
      out: { lease_count: t.integer('How many are shown'), leases: t.list('Each with the reason') },
    },
    irrevocable,
  ),
  read(
    'leases/count',
    {
      summary: 'Count the leases that could not be revoked',
      in: { type: typeField },
      out: { lease_count: t.integer('All of them'), counts: t.map('By accessor of the mount') },
    },
    (cx, { type }) => count(cx, type),
  ),
  write(
    'leases/tidy',
    { summary: 'Revoke what is past its end now; says that the clock is right', status: 202 },
    ({ core }) => {
      core.clockWatch.vouch();
      core.leases.worker.soon();
      return new Reply(undefined, {
        status: 202,
        warnings: ['Leases past their end are being revoked; failures are in the log and in sys/leases.'],
      });
    },
  ),
];
