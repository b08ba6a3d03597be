/** What the thread that writes and those that only read ask of each other, beside requests. */
import type { LogFields, LogLevel, LogPart } from '../../contracts/log.ts';
import type { AuditStanza } from '../../core/audit/devices.ts';
import type { Opening } from '../../core/fronts/fronts.ts';
import type { SharedLedger } from '../../core/ledger/view.ts';
import type { RecordsFor } from '../../core/fronts/audit-sink.ts';
import type { Counts } from '../../core/metrics/counts.ts';
import type { SystemTtl } from '../../core/mounts/lease-times.ts';
import type { CoreSettings } from '../../core/request/core.ts';
import type { AskedOfDoer, AskedOfTaker } from '../../http/handover/messages.ts';
import type { Configuration, ListenerSettings } from '../configuration/configuration.ts';

/** What a thread is started with. */
export interface FrontOptions {
  /** Of the store. */
  readonly path: string;
  /** Of its `SharedHead`. */
  readonly memory: SharedArrayBuffer;
  readonly sealType: string;
  readonly audit: readonly AuditStanza[];
  readonly ttl: SystemTtl;
  readonly bodyLimitBytes: number;
  readonly settings: CoreSettings;
  readonly cacheBytes: number;
  /** Nothing is served that is not held against a ledger. */
  readonly isAnchored: boolean;
}

/** A listener, and the port that it is bound to where its settings leave that open. */
export interface Bound {
  readonly settings: ListenerSettings;
  readonly port: number;
}

/** What of a configuration is another one from now on; certificates are read anew in any case. */
export type Reloaded = Partial<Pick<Configuration, 'listeners' | 'audit'>>;

export interface LogLine {
  readonly part: LogPart;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Since it was told last. */
export interface Counted {
  readonly answers: Counts;
  /** What no audit device could record. */
  readonly unrecorded: { readonly requests: number; readonly responses: number };
}

export type AskedOfFront = AskedOfTaker & {
  /** The store is open under this root key: resolves when requests are answered here. */
  readonly opened: (opening: Opening) => Promise<void>;
  readonly ledgerMoved: (ledger: SharedLedger) => void;
  /** Resolves when nothing decrypted is left. */
  readonly closed: () => Promise<void>;
  readonly listen: (bound: readonly Bound[]) => Promise<void>;
  readonly reload: (next: Reloaded) => Promise<void>;
  readonly drain: () => void;
  /** Resolves when every connection is gone, at the latest after so many milliseconds. */
  readonly end: (graceMs: number) => Promise<void>;
};

export type AskedOfCore = AskedOfDoer & {
  /** Resolves when the records have reached the device. */
  readonly records: (records: RecordsFor) => Promise<void>;
  readonly rootKey: () => Uint8Array;
  readonly log: (line: LogLine) => void;
  readonly counted: (counted: Counted) => void;
  /** Going on would lose or reveal data. */
  readonly fatal: (reason: string) => void;
};
