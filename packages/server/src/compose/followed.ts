/**
 * What of the core is held in memory, and how it follows what other nodes write. Every part of the core is named here: who
 * adds one has to say what it holds.
 */
import { checkpointPrefix } from '../core/audit/checkpoints.ts';
import type { TokenAccessors } from '../core/tokens/accessors.ts';
import { keyringKey } from '../core/barrier/layout.ts';
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

type Parts = { readonly [Part in keyof Core]: Followed | Alone };

interface FollowedNeeds {
  readonly core: Core;
  /** Of the core's own records. */
  readonly ownPrefix: string;
  readonly accessors: TokenAccessors;
  readonly batch: { load(): Promise<void> };
}

export const partsFollowed = ({ core, ownPrefix, accessors, batch }: FollowedNeeds): Parts => {
  const idsUnder = (prefix: string, keys: readonly string[]): readonly string[] =>
    keys.filter(key => key.startsWith(ownPrefix + prefix)).map(key => key.slice(ownPrefix.length + prefix.length));
  const whole = (prefix: string, follow: () => Promise<void> | void): Followed => ({
    prefixes: [ownPrefix + prefix],
    changed: follow,
    renewed: follow,
  });
  return {
    barrier: { prefixes: [keyringKey], changed: () => core.barrier.follow(), renewed: () => core.barrier.follow() },
    tokens: {
      prefixes: [],
      changed: () => undefined,
      renewed: async () => {
        accessors.unload();
        await accessors.load();
        await batch.load();
      },
    },
    mounts: {
      prefixes: [`${ownPrefix}mount/`, `${ownPrefix}mount-own/`],
      changed: async keys => {
        await core.mounts.follow(idsUnder('mount/', keys));
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
    events: 'asks',
    monitors: 'asks',
    seal: 'asks',
    nodes: 'own',
    audit: 'own',
    uses: 'own',
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
  };
};

/** In the order of the table. */
export const followedParts = (needs: FollowedNeeds): readonly Followed[] =>
  Object.values(partsFollowed(needs)).filter(part => typeof part !== 'string');
