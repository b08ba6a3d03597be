/**
 * An engine is a table of rows over a context bound to one mount. It never sees the core, another mount or another
 * namespace: it holds no handle to them.
 */
import type { TokenRules } from '@coffer/schema/auth-request.ts';
import type { Reply, ReplyData, Row } from '@coffer/schema/row.ts';
import type { Clock } from './clock.ts';
import type { Jwts } from './jwt.ts';
import type { Outside } from './outside.ts';
import type { OwnPod } from './pod.ts';
import type { Random } from './random.ts';
import type { Slow } from './slow.ts';
import type { Check, ChangeEvent, CommitResult, RangeOptions, Write } from './storage.ts';

/** A decrypted record. `memo` is the decoded form, kept as long as the record itself is cached, and no longer. */
export interface Entry {
  readonly value: Uint8Array;
  readonly revision: number;
  memo: unknown;
}

export interface KeyRange {
  readonly key: string;
  readonly revision: number;
  /** Undefined where the range was asked without values. */
  readonly entry: Entry | undefined;
}

/** The records of one mount, decrypted. Keys are relative to the mount; its commits cannot name anything outside. */
export interface MountStorage {
  /** `beside` is an entry that this one is nearly always asked for after: finding it is then cheaper. */
  get(key: string, beside?: Entry): Entry | undefined | Promise<Entry | undefined>;
  range(prefix: string, options?: RangeOptions): Promise<readonly KeyRange[]>;
  commit(changes: MountCommit): Promise<CommitResult>;
}

/** `value` is handed over: who wrote it does not change it any more. `memo` is what it decodes to, where that is known. */
export interface EntryWrite extends Write {
  readonly memo?: unknown;
}

export interface MountCommit {
  readonly checks?: readonly Check[];
  readonly writes: readonly EntryWrite[];
  readonly events?: readonly ChangeEvent[];
}

export interface MountInfo {
  readonly path: string;
  readonly accessor: string;
  /** Options of the mount, such as `version`. */
  readonly options: ReadonlyMap<string, string>;
  /** Effective, system defaults applied. */
  readonly defaultLeaseSeconds: number;
  readonly maxLeaseSeconds: number;
  /** Most bytes a caller can write at once. */
  readonly bodyLimitBytes: number;
}

/** Who asks. Engines learn what they need to bind records to a caller, never the token itself. */
export interface Caller {
  /** Stands for the token in storage keys; dies with it. Undefined for batch tokens and open rows. */
  readonly tokenId: string | undefined;
  readonly tokenType: 'service' | 'batch' | 'none';
  readonly displayName: string;
  readonly entityId: string;
}

/** What an engine wants of a lease. Times left out are the mount's; those given are cut to what the mount allows. */
export interface LeaseWish {
  readonly ttlSeconds?: number | undefined;
  /** Counted from now, also for renewals. */
  readonly maxTtlSeconds?: number | undefined;
  /** Default: where the engine can renew. */
  readonly renewable?: boolean;
  /** All that `revoke` and `renew` will need: a name to take away, not the secret. */
  readonly data: ReadonlyMap<string, string>;
}

/** Until when. */
export interface LeaseSpan {
  readonly ttlSeconds: number;
  readonly expiresAtSeconds: number;
}

/** Leases of the answers of one request. */
export interface Leases {
  /**
   * Writes the lease down, then lets `make` do what has to be taken back, then answers what it made under the lease. If
   * the process dies in between, or `make` fails, `revoke` is called: it must bear that nothing was made.
   */
  issue(wish: LeaseWish, make: (span: LeaseSpan) => Promise<ReplyData> | ReplyData): Promise<Reply>;
}

/** What an engine does about its leases. Both may be called again after they were cut off, and in any number at once. */
export interface LeaseHandlers<Context> {
  /** Takes back what the lease is about. A failure is tried again later, a limited number of times. */
  revoke(context: Context, data: ReadonlyMap<string, string>): Promise<void> | void;
  /** Makes it last until then. Without it, leases cannot be renewed. */
  renew?(context: Context, data: ReadonlyMap<string, string>, span: LeaseSpan): Promise<void> | void;
}

/** What an auth method does about the tokens that were made at its word. */
export interface LoginHandlers<Context> {
  /** What such a token may be renewed to, by what the method said of it at login. Throws where it may not any more. */
  renew(context: Context, renewal: ReadonlyMap<string, string>): Promise<TokenRules> | TokenRules;
}

/** Everything an engine may be given. Each engine declares in `needs` which of them it gets. */
export interface Capabilities {
  readonly storage: MountStorage;
  readonly clock: Clock;
  readonly random: Random;
  readonly mountInfo: MountInfo;
  readonly caller: Caller;
  /** Only for requests; whoever needs it declares `leases` of the engine. */
  readonly leases: Leases;
  /** Calls to servers outside. */
  readonly http: Outside;
  readonly jwt: Jwts;
  /** Cryptography that would hold up the loop. */
  readonly slow: Slow;
  readonly yaml: Yaml;
  /** The ServiceAccount of the server itself, where it runs in a cluster. */
  readonly pod: OwnPod;
}

/** One YAML document, or JSON, as plain values. Throws where it is none; `name` stands in the message, the text does not. */
export type Yaml = (text: string, name: string) => unknown;

export type Capability = keyof Capabilities;
export type Cx<Need extends Capability> = Pick<Capabilities, Need>;

/** A kind of event that an engine tells. */
export interface EventKind {
  /** Engine and kind: `kv-v2/data-write`. */
  readonly type: string;
  /** One line, no full stop. */
  readonly when: string;
  /** Where the change can be read, below the mount: `data/:path`. */
  readonly dataPath?: string;
}

export interface Engine {
  readonly kind: 'secret' | 'auth';
  /** As in `sys/mounts`: `kv`, `cubbyhole` … */
  readonly type: string;
  /** Distinguishes engines of one type by mount options, as `kv` version 1 and 2. */
  readonly variant?: EngineVariant;
  readonly summary: string;
  readonly needs: readonly Capability[];
  /** All that its commits may tell. */
  readonly events?: readonly EventKind[];
  // oxlint-disable-next-line typescript/no-explicit-any -- rows of every engine stand in one registry; `needs` says what each gets
  readonly rows: readonly Row<any>[];
  /** They get what `needs` names, without `leases` and with nobody as caller. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as for rows
  readonly leases?: LeaseHandlers<any>;
  /** Of auth methods. They get what `needs` names, with nobody as caller. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as for rows
  readonly logins?: LoginHandlers<any>;
}

export interface EngineVariant {
  readonly option: string;
  readonly value: string;
}
