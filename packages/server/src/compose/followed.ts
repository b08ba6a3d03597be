/**
 * What of the core is held in memory, and how it follows what other nodes write. Every part of the core is named here: who
 * adds one has to say what it holds.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { checkpointPrefix } from '../core/audit/checkpoints.ts';
import { closedKey } from '../core/seal/closed.ts';
import type { TokenAccessors } from '../core/tokens/accessors.ts';
import { keyringKey } from '../core/barrier/layout.ts';
import { layoutKey } from '../core/mounts/records.ts';
import { leaderKey, memberPrefix } from '../core/nodes/member.ts';
import type { Followed } from '../core/nodes/follower.ts';
import type { Core } from '../core/request/core.ts';

/** Why a part has nothing to follow. */
type Alone =
  /** It holds nothing made of records; those it reads come through the cache, which follows. */
  | 'records'
  /** What it holds is this process's own: its requests, its counts, its log, its configuration. */
  | 'own'
  /** It asks others here, or the storage, each time. */
  | 'asks';

/** Parts that hold nothing that others can make old. */
const alone = {
  anchor: 'records',
  events: 'asks',
  monitors: 'asks',
  audit: 'own',
  uses: 'own',
  slow: 'own',
  leases: 'records',
  revocation: 'records',
  snapshots: 'asks',
  tokenRoles: 'records',
  uiHeaders: 'records',
  versions: 'records',
  storage: 'records',
  clock: 'own',
  clockWatch: 'own',
  random: 'own',
  log: 'own',
  logLevels: 'own',
  host: 'own',
  inFlight: 'own',
  answerCounts: 'own',
  tally: 'own',
  configuration: 'own',
  ttl: 'own',
  settings: 'own',
} as const satisfies { readonly [Part in keyof Core]?: Alone };

type Parts = { readonly [Part in keyof Core]: Followed | Alone };

interface FollowedNeeds {
  readonly core: Core;
  /** Of the core's own records. */
  readonly ownPrefix: string;
  readonly accessors: TokenAccessors;
  readonly batch: { load(): Promise<void> };
  /** How the store is opened where the root key is another one by now. Default: as the seal does by itself. */
  readonly openAnew?: (() => Promise<unknown>) | undefined;
}

export const partsFollowed = ({ core, ownPrefix, accessors, batch, openAnew }: FollowedNeeds): Parts => {
  const keyring = (): Promise<void> => followKeyring(core, openAnew ?? (() => core.seal.autoUnseal()));
  const idsUnder = (prefix: string, keys: readonly string[]): readonly string[] =>
    keys.filter(key => key.startsWith(ownPrefix + prefix)).map(key => key.slice(ownPrefix.length + prefix.length));
  const whole = (prefix: string, follow: () => Promise<void> | void): Followed => ({
    prefixes: [ownPrefix + prefix],
    changed: follow,
    renewed: follow,
  });
  return {
    seal: {
      prefixes: [closedKey],
      changed: () => core.seal.seal(),
      renewed: () => core.seal.follow(core.nodes.since),
    },
    barrier: { prefixes: [keyringKey], changed: keyring, renewed: keyring },
    tokens: {
      prefixes: [],
      changed: () => undefined,
      renewed: async () => {
        await accessors.load();
        await batch.load();
      },
    },
    mounts: {
      prefixes: [`${ownPrefix}mount/`, `${ownPrefix}mount-own/`, ownPrefix + layoutKey],
      changed: async (keys, revision) => {
        await core.mounts.follow(idsUnder('mount/', keys));
        // Others may wait for it.
        void core.nodes.members.beatSoon();
        if (keys.includes(ownPrefix + layoutKey)) core.mounts.followLayout(revision);
        if (idsUnder('mount-own/', keys).length > 0) await core.mounts.followBuiltIn();
      },
      renewed: () => core.mounts.followAll(),
    },
    policies: whole('policy/', () => core.policies.unload()),
    auditHeaders: whole('audit/header/', () => core.auditHeaders.follow()),
    auditDevices: whole('audit/device/', () => core.auditDevices.follow()),
    auditCheckpoints: {
      prefixes: [ownPrefix + checkpointPrefix],
      changed: keys => core.auditCheckpoints.follow(idsUnder(checkpointPrefix, keys)),
      renewed: () => core.auditCheckpoints.followAll(),
    },
    cors: whole('config/cors', () => core.cors.follow()),
    wrapping: { prefixes: [], changed: () => undefined, renewed: () => core.wrapping.unload() },
    usage: { prefixes: [], changed: () => undefined, renewed: () => core.usage.unload() },
    nodes: {
      prefixes: [ownPrefix + memberPrefix, ownPrefix + leaderKey],
      changed: () => core.nodes.members.follow(),
      renewed: () => core.nodes.members.follow(),
    },
    ...alone,
  };
};

/** Where this node was away while the root key was replaced, it has to be opened anew. */
const followKeyring = async (core: Core, openAnew: () => Promise<unknown>): Promise<void> => {
  const before = core.barrier.keyringRevision;
  try {
    await core.barrier.follow();
  } catch (cause) {
    if (!(cause instanceof CofferError) || cause.code !== 'data_corrupt') throw cause;
    if (core.nodes.areMany)
      core.log.write(
        'error',
        'the keyring that another node wrote does not open: this node is sealed; unseal it again',
      );
    await core.seal.seal();
    void openAnew().catch(() => undefined);
    return;
  }
  // Others wait for it.
  if (core.barrier.keyringRevision !== before) void core.nodes.members.beat();
};

/** What of these a thread that only reads has use for. */
const ofFronts: ReadonlySet<string> = new Set<keyof Core>([
  'barrier',
  'tokens',
  'mounts',
  'policies',
  'auditHeaders',
  'auditDevices',
]);

export const frontParts = (needs: FollowedNeeds): readonly Followed[] =>
  Object.entries(partsFollowed(needs))
    .filter(([name]) => ofFronts.has(name))
    .map(([, part]) => part)
    .filter(part => typeof part !== 'string');

/** In the order of the table. */
export const followedParts = (needs: FollowedNeeds): readonly Followed[] =>
  Object.values(partsFollowed(needs)).filter(part => typeof part !== 'string');
