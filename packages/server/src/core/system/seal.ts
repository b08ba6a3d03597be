/** Rows of initialising, unsealing, sealing and health: bare answers that work while sealed, without a token. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Core } from '../request/core.ts';
import { read, type SystemCx, write } from './context.ts';
import { cofferVersion, wireVersion } from './version.ts';

/** Shared by the rows that strangers may call at any time. */
const open = { access: 'open', answer: 'bare', audit: 'none', whileSealed: true, rootNamespaceOnly: true } as const;

interface Cluster {
  readonly cluster_name: string;
  readonly cluster_id: string;
}

/** Load balancers ask every second, each of them. */
const clusters = new WeakMap<Uint8Array, Cluster>();

/** The id is the store's in the form of a UUID. */
const clusterOf = ({ barrier, settings }: Core): Cluster => {
  const known = clusters.get(barrier.storeId);
  if (known !== undefined) return known;
  const hex = barrier.storeId.toHex();
  const made: Cluster = {
    cluster_name: settings.clusterName ?? `coffer-cluster-${hex.slice(0, 8)}`,
    cluster_id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  };
  clusters.set(barrier.storeId, made);
  return made;
};

const sealStatus = async ({ core }: SystemCx) => {
  const status = await core.seal.status();
  return {
    type: status.type,
    initialized: status.initialized,
    sealed: status.sealed,
    t: status.threshold,
    n: status.shares,
    progress: status.progress,
    nonce: status.nonce,
    version: wireVersion,
    coffer_version: cofferVersion,
    build_date: '',
    commit_date: '',
    migration: false,
    recovery_seal: status.recoverySeal,
    ...(status.recoverySeal ? { recovery_seal_type: 'shamir' } : {}),
    ...(!status.sealed ? clusterOf(core) : {}),
    storage_type: core.settings.storageType,
  };
};

const statusOut = {
  type: t.string('Type of the seal'),
  initialized: t.boolean('The store has its keys'),
  sealed: t.boolean('The store cannot read its records'),
  t: t.integer('Shares needed'),
  n: t.integer('Shares that exist'),
  progress: t.integer('Shares handed in'),
  nonce: t.string('Names this unsealing'),
  version: t.string('Version of the API'),
} as const;

const leaderOut = {
  ha_enabled: t.boolean('Several nodes'),
  leader_address: t.string('Where clients reach it: api_addr of the configuration'),
} as const;

const initFields = {
  secret_shares: t.integer('Shares of the unseal key', { default: 0 }),
  secret_threshold: t.integer('Shares needed to unseal', { default: 0 }),
  recovery_shares: t.integer('Shares of the recovery key, where the seal opens by itself', { default: 0 }),
  recovery_threshold: t.integer('Shares needed to recover', { default: 0 }),
  pgp_keys: t.list('Not supported: shares are answered in clear', { default: [] }),
  recovery_pgp_keys: t.list('Not supported: shares are answered in clear', { default: [] }),
  root_token_pgp_key: t.string('Not supported: the token is answered in clear', { default: '' }),
  stored_shares: t.integer('Accepted, without effect'),
} as const;

const healthCode = (exchange: SystemCx['exchange'], parameter: string, otherwise: number): number => {
  const given = exchange.query.get(parameter)?.[0];
  if (given === undefined) return otherwise;
  const code = Number(given);
  if (!Number.isInteger(code) || code < 200 || code > 599)
    throw new CofferError('invalid_request', `query parameter "${parameter}": expected an HTTP status`);
  return code;
};

interface Condition {
  readonly initialized: boolean;
  readonly sealed: boolean;
  readonly serves: boolean;
}

/** One that is open and does not serve, as it cannot show that it is current, is to be left alone as one that is sealed. */
const healthStatus = (exchange: SystemCx['exchange'], { initialized, sealed, serves }: Condition): number => {
  if (!initialized) return healthCode(exchange, 'uninitcode', 501);
  if (sealed) return healthCode(exchange, 'sealedcode', 503);
  return serves ? healthCode(exchange, 'activecode', 200) : healthCode(exchange, 'standbycode', 503);
};

const health = async ({ core, exchange }: SystemCx): Promise<Reply> => {
  const { sealed } = core.seal;
  // An open store has its keys: nothing is read for the answer that is asked for all the time.
  const initialized = !sealed || (await core.seal.initialized());
  const serves = !sealed && !core.anchor.isDoubted && !core.nodes.drains && core.nodes.freshness.holds();
  return new Reply(
    {
      initialized,
      sealed,
      standby: !serves,
      performance_standby: false,
      replication_performance_mode: sealed ? 'unknown' : 'disabled',
      replication_dr_mode: sealed ? 'unknown' : 'disabled',
      server_time_utc: Math.floor(core.clock.now() / 1000),
      version: wireVersion,
      coffer_version: cofferVersion,
      enterprise: false,
      ...(sealed ? {} : clusterOf(core)),
    },
    { status: healthStatus(exchange, { initialized, sealed, serves }) },
  );
};

const keptWarning =
  'shares of this store are kept, since others were forgotten less than a minute ago: go on with the next share';

const onlyNode = 'This server is the only node: there is none to lead in its place.';
const everyNodeLeads = 'Every node is active: there is nothing to give up. Let it drain and end instead.';

export const sealRows = [
  read(
    'init',
    { ...open, summary: 'Say whether the store is initialised', out: { initialized: t.boolean('It is') } },
    async ({ core }) => ({
      initialized: await core.seal.initialized(),
    }),
  ),
  write(
    'init',
    {
      ...open,
      summary: 'Initialise the store',
      in: initFields,
      out: {
        keys: t.list('Shares in hex'),
        keys_base64: t.list('Shares in base64'),
        root_token: t.secret('The first token'),
      },
    },
    async ({ core }, args) => {
      if (args.root_token_pgp_key !== '')
        throw new CofferError('invalid_request', 'root_token_pgp_key is not supported: the token is answered in clear');
      const made = await core.seal.initialize({
        secretShares: args.secret_shares,
        secretThreshold: args.secret_threshold,
        recoveryShares: args.recovery_shares,
        recoveryThreshold: args.recovery_threshold,
        pgpKeys: args.pgp_keys,
        recoveryPgpKeys: args.recovery_pgp_keys,
        rootTokenPgpKey: args.root_token_pgp_key,
      });
      const { keys, keysBase64, recovery, rootToken } = made;
      return {
        keys: keys.map(key => Secret.of(key)),
        keys_base64: keysBase64.map(key => Secret.of(key)),
        ...(recovery === undefined
          ? {}
          : {
              recovery_keys: recovery.keys.map(key => Secret.of(key)),
              recovery_keys_base64: recovery.keysBase64.map(key => Secret.of(key)),
            }),
        root_token: Secret.of(rootToken),
      };
    },
  ),
  read('seal-status', { ...open, summary: 'Say how far the store is unsealed', out: statusOut }, sealStatus),
  write(
    'unseal',
    {
      ...open,
      summary: 'Hand in a share of the unseal key',
      in: {
        key: t.secret('A share, in hex or base64'),
        reset: t.boolean('Forget the shares handed in so far', { default: false }),
        migrate: t.boolean('Accepted, without effect'),
      },
      out: statusOut,
    },
    async (cx, { key, reset }) => {
      const { seal } = cx.core;
      const kept = reset ? seal.resetProgress() : 0;
      if (kept > 0) return { ...(await sealStatus(cx)), warnings: [keptWarning] };
      if (reset) return sealStatus(cx);
      if (key === undefined || key.length === 0)
        throw new CofferError(
          'invalid_request',
          "'key' must be specified in request body as JSON, or 'reset' set to true",
        );
      await seal.submitKey(key.revealText());
      return sealStatus(cx);
    },
  ),
  write(
    'seal',
    {
      summary: 'Seal the store, on every node that serves it',
      access: 'sudo',
      audit: 'effort',
      rootNamespaceOnly: true,
    },
    ({ core, exchange }) => {
      // Only after the answer is on record: the audit devices close with the store.
      exchange.afterwards.push(() => core.seal.sealAll());
    },
  ),
  write(
    'step-down',
    {
      summary: 'Let another node lead: without effect, as every node is active, and the answer says so',
      access: 'sudo',
      rootNamespaceOnly: true,
    },
    ({ core }) => new Reply(undefined, { warnings: [core.nodes.areMany ? everyNodeLeads : onlyNode] }),
  ),
  read('health', { ...open, summary: 'Say whether the store serves', out: statusOut }, health),
  read('leader', { ...open, summary: 'Say which node leads', out: leaderOut }, ({ core }) => ({
    ha_enabled: core.nodes.areMany,
    is_self: true,
    active_time: '0001-01-01T00:00:00Z',
    leader_address: core.settings.apiAddress ?? '',
    leader_cluster_address: '',
    performance_standby: false,
    performance_standby_last_remote_wal: 0,
  })),
];
