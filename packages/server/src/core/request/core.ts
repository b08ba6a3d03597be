/** What the stages and the core's own rows work with: one value, made by the composition root, handed down. */
import type { ReplyData } from '@coffer/schema/row.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { MountStorage } from '../../contracts/engine.ts';
import type { Host } from '../../contracts/host.ts';
import type { Log, LogLevels } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import type { Anchor } from '../anchor/anchor.ts';
import type { AuditBroker } from '../audit/broker.ts';
import type { Checkpoints } from '../audit/checkpoints.ts';
import type { AuditDevices } from '../audit/devices.ts';
import type { AuditedHeaders } from '../audit/request-headers.ts';
import type { LeaseParts } from '../leases/parts.ts';
import type { SystemTtl } from '../mounts/lease-times.ts';
import type { MountTable } from '../mounts/table.ts';
import type { Barrier } from '../barrier/barrier.ts';
import type { ClockWatch } from '../clock-watch.ts';
import type { Collection } from '../barrier/collection.ts';
import type { EventStreams } from '../events/streams.ts';
import type { CorsStore } from '../cors/store.ts';
import type { Nodes } from '../nodes/nodes.ts';
import type { AnswerCounts } from '../metrics/counts.ts';
import type { Monitors } from '../monitor/monitors.ts';
import type { Tally } from '../metrics/tally.ts';
import type { UsageCounts } from '../metrics/usage.ts';
import type { PolicyStore } from '../policies/store.ts';
import type { SealKeeper } from '../seal/keeper.ts';
import type { Revocation } from '../tokens/revocation.ts';
import type { SlowQueue } from '../slow/queue.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { UiHeader } from '../system/ui-header.ts';
import type { VersionHistory } from '../system/version-history.ts';
import type { TokenRole } from '../tokens/role.ts';
import type { TokenStore } from '../tokens/store.ts';
import type { Uses } from '../tokens/uses.ts';
import type { InFlight } from './in-flight.ts';
import type { Wrapping } from '../wrapping/wrapping.ts';

/** What the configuration decides for rows. */
export interface CoreSettings {
  /** Undefined takes a name made of the store's id. */
  readonly clusterName: string | undefined;
  /** Where clients reach this server, as the configuration says. */
  readonly apiAddress: string | undefined;
  readonly storageType: string;
  readonly unauthenticatedRekey: boolean;
  readonly unauthenticatedGenerateRoot: boolean;
  readonly auditByApi: boolean;
  readonly auditPrefixes: boolean;
  /** `sys/internal/inspect` answers. */
  readonly introspection: boolean;
}

/** The configuration while the server runs. */
export interface LiveConfiguration {
  /** What of it may be taken anew, part by part. */
  readonly parts: readonly string[];
  /** Without secrets. */
  shown(): ReplyData;
  /** Rejects where the configuration cannot be read, or the part cannot be taken: what was in force stays so. */
  reload(part: string): Promise<void>;
}

export interface Core {
  readonly configuration: LiveConfiguration;
  readonly clock: Clock;
  readonly clockWatch: ClockWatch;
  readonly random: Random;
  readonly log: Log;
  readonly logLevels: LogLevels;
  readonly host: Host;
  readonly inFlight: InFlight;
  readonly answerCounts: AnswerCounts;
  readonly tally: Tally;
  readonly usage: UsageCounts;
  readonly cors: CorsStore;
  readonly events: EventStreams;
  readonly uiHeaders: Collection<UiHeader>;
  readonly versions: VersionHistory;
  readonly seal: SealKeeper;
  /** Whether the store is as new as it was. */
  readonly anchor: Anchor;
  readonly mounts: MountTable;
  /** The nodes that serve this store, and whether this one may. */
  readonly nodes: Nodes;
  readonly tokens: TokenStore;
  readonly policies: PolicyStore;
  readonly audit: AuditBroker;
  readonly barrier: Barrier;
  readonly auditCheckpoints: Checkpoints;
  readonly auditDevices: AuditDevices;
  readonly auditHeaders: AuditedHeaders;
  readonly revocation: Revocation;
  readonly leases: LeaseParts;
  readonly uses: Uses;
  readonly wrapping: Wrapping;
  readonly monitors: Monitors;
  readonly snapshots: Snapshots;
  /** What engines have done beside the loop. */
  readonly slow: SlowQueue;
  readonly tokenRoles: Collection<TokenRole>;
  /** The core's own records. */
  readonly storage: MountStorage;
  readonly ttl: SystemTtl;
  readonly settings: CoreSettings;
}
