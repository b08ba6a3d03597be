/**
 * Makes a lease: written down first, then the engine works, then the lease is confirmed and answered. Where that is cut
 * off the lease falls due, and its engine takes back what it may have made. No lease outlives its token: storage itself
 * holds that the token is there when the lease is written down, and a revocation that comes later finds it.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { Reply, type ReplyData } from '@coffer/schema/row.ts';
import type { Leases, LeaseSpan, LeaseWish } from '../../contracts/engine.ts';
import type { Check } from '../../contracts/storage.ts';
import { base62 } from '../base62.ts';
import { effectiveTtl } from '../mounts/lease-times.ts';
import type { Mount, MountRecord } from '../mounts/mount.ts';
import { mountRecords } from '../mounts/records.ts';
import type { Core } from '../request/core.ts';
import type { Exchange } from '../request/exchange.ts';
import { tokenRecords } from '../tokens/store.ts';
import { spent, type Token } from '../tokens/token.ts';
import type { Lease } from './lease.ts';
import { isLeaseId } from './store.ts';
import { leaseTtl } from './ttl.ts';

const nameLength = 24;
/** Longest that an engine may take to make what the lease is about; a lease found unconfirmed after it is taken back. */
export const makingLimitSeconds = 900;

export interface IssueParts {
  readonly core: Core;
  readonly record: MountRecord;
  readonly exchange: Exchange;
}

export const leasesFor = (parts: IssueParts): Leases => ({
  issue: (wish, make) => issue(parts, wish, make),
});

type Make = (span: LeaseSpan) => Promise<ReplyData> | ReplyData;

const issue = async (parts: IssueParts, wish: LeaseWish, make: Make): Promise<Reply> => {
  const { core, exchange } = parts;
  // Its audit record would be written only after the engine has had an effect.
  if (exchange.matched?.row.pure !== false) throw new TypeError('a row that gives leases is not pure: say so');
  const { lease, warnings } = draft(parts, wish);
  const release = core.leases.busy.take(lease.id) ?? (() => undefined);
  try {
    if (!(await core.leases.store.add(lease, stillThere(core, lease)))) throw gone();
    const data = await madeOrTakenBack(core, lease, make);
    await confirm(core, lease);
    core.tally.add('lease made');
    const { id, renewable, ttlSeconds: durationSeconds } = lease;
    return new Reply(data, { lease: { id, renewable, durationSeconds }, warnings });
  } finally {
    release();
    core.leases.worker.soon();
  }
};

const draft = ({ core, record, exchange }: IssueParts, wish: LeaseWish) => {
  const token = exchange.caller?.token;
  if (token?.usesLeft === spent)
    throw new CofferError(
      'invalid_request',
      'Secret cannot be returned; token had one use left, so leased credentials were not made',
    );
  const now = core.tokens.nowSeconds();
  const mount = effectiveTtl(core.mounts.byId(record.id)?.record.config ?? record.config, core.ttl);
  const maxTtlSeconds = smallest(wish.maxTtlSeconds ?? 0, batchLeft(token, now));
  const { ttlSeconds, warnings } = leaseTtl({
    nowSeconds: now,
    issuedAtSeconds: now,
    askedSeconds: wish.ttlSeconds ?? 0,
    usualSeconds: mount.defaultLeaseSeconds,
    maxSeconds: maxTtlSeconds,
    mount,
  });
  const id = `${exchange.path}/${base62(core.random, nameLength)}`;
  if (!isLeaseId(id)) throw new CofferError('invalid_request', 'the path is too long for a lease');
  const lease: Lease = {
    id,
    path: exchange.path,
    mountId: record.id,
    owner: ownerOf(token),
    state: 'making',
    issuedAtSeconds: now,
    expiresAtSeconds: now + makingLimitSeconds,
    renewedAtSeconds: 0,
    ttlSeconds,
    maxTtlSeconds,
    renewable: (wish.renewable ?? true) && canRenew(core.mounts.byId(record.id)),
    attempts: 0,
    retryAtSeconds: 0,
    failure: '',
    forced: false,
    data: wish.data,
  };
  return { lease, warnings };
};

const canRenew = (mount: Mount | undefined): boolean => mount?.leaseWork?.renew !== undefined;

const smallest = (a: number, b: number): number => (a === 0 ? b : b === 0 ? a : Math.min(a, b));

/** A batch token has no record to end with: its leases cannot be longer than it is. */
const batchLeft = (token: Token | undefined, nowSeconds: number): number =>
  token?.type === 'batch' && token.expiresAtSeconds > 0 ? Math.max(1, token.expiresAtSeconds - nowSeconds) : 0;

/** A batch token's leases end with its parent as well. */
const ownerOf = (token: Token | undefined): string =>
  token === undefined ? '' : token.type === 'batch' ? token.parent : token.accessor;

const stillThere = ({ storage }: Core, { owner, mountId }: Lease): readonly Check[] => [
  mountRecords(storage).check(mountId, 'present'),
  ...(owner === '' ? [] : [tokenRecords(storage).check(owner, 'present')]),
];

const madeOrTakenBack = async (core: Core, lease: Lease, make: Make): Promise<ReplyData> => {
  const expiresAtSeconds = lease.issuedAtSeconds + lease.ttlSeconds;
  try {
    return await make({ ttlSeconds: lease.ttlSeconds, expiresAtSeconds });
  } catch (error) {
    // What cannot be written now is found when the time for making is over.
    await core.leases.revocation.mark(lease.id).catch(() => undefined);
    throw error;
  }
};

const confirm = async (core: Core, { id, issuedAtSeconds, ttlSeconds }: Lease): Promise<void> => {
  const now = await core.leases.store.update(id, lease =>
    lease.state === 'making' ? { ...lease, state: 'live', expiresAtSeconds: issuedAtSeconds + ttlSeconds } : undefined,
  );
  if (now?.state !== 'live') throw gone();
};

/** Token or mount went while the engine was at work. */
const gone = (): CofferError => new CofferError('permission_denied', 'permission denied');
