/** What the core is put together from. */
import type { AuditChain, AuditSink, Observed } from '../contracts/audit.ts';
import type { Clock } from '../contracts/clock.ts';
import type { Engine } from '../contracts/engine.ts';
import type { Host } from '../contracts/host.ts';
import type { Logs } from '../contracts/log.ts';
import type { Random } from '../contracts/random.ts';
import type { Seal } from '../contracts/seal.ts';
import type { Slow } from '../contracts/slow.ts';
import type { Steps } from '../contracts/steps.ts';
import type { SharedStorage, Storage, StorageCopies } from '../contracts/storage.ts';
import type { AnchorSettings } from '../core/anchor/anchor.ts';
import type { AuditStanza, Lanes } from '../core/audit/devices.ts';
import type { Fronts } from '../core/fronts/fronts.ts';
import type { Outward } from '../core/mounts/host.ts';
import type { SystemTtl } from '../core/mounts/lease-times.ts';
import type { CoreSettings, LiveConfiguration } from '../core/request/core.ts';

export interface FrontSide {
  /** Of the same storage. */
  readonly steps: Steps;
  readonly lanes: Lanes;
  /** Nothing is served that is not held against the ledger of the thread that writes. */
  readonly isAnchored: boolean;
  /** Opens the store anew with the root key that it has by now. */
  readonly openAnew: () => Promise<void>;
}

export interface CoreParts {
  readonly storage: Storage;
  /** The same storage, where other nodes write to it as well; undefined where this process owns it alone. */
  readonly shared?: SharedStorage | undefined;
  /** What tells that the whole store was put back; undefined where nothing does. */
  readonly anchor?: AnchorSettings | undefined;
  /** Of the same store. */
  readonly copies: StorageCopies;
  readonly clock: Clock;
  readonly random: Random;
  readonly logs: Logs;
  readonly host: Host;
  /** Called where going on would lose or reveal data; ends the process. */
  readonly fatal: (reason: string) => void;
  readonly cacheBytes: number;
  readonly ttl: SystemTtl;
  /** The most that any listener lets a caller write at once. */
  readonly bodyLimitBytes: number;
  readonly settings: CoreSettings;
  readonly configuration: LiveConfiguration;
  readonly seal: Seal;
  /** Text of the first root token, where somebody chose it: only in development. */
  readonly rootTokenId: string | undefined;
  readonly audit: readonly AuditStanza[];
  readonly openAudit: (stanza: AuditStanza, chain: AuditChain) => Promise<AuditSink & Partial<Observed>>;
  /** Threads beside this one that answer what changes nothing; undefined where there are none. */
  readonly fronts?: Fronts | undefined;
  /** Of such a thread: what it has of the one that writes. Undefined for that one. */
  readonly front?: FrontSide | undefined;
  /** Default: the real ones. */
  readonly outward?: Partial<Outward>;
  /** Default: on the threads of Node's pool. */
  readonly slow?: Slow;
  /** Default: the registry's. */
  readonly resolveEngine?: (type: string, options: ReadonlyMap<string, string>) => Engine | undefined;
}
