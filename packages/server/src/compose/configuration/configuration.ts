/** What the server is told to be. Every member is checked; what is undefined was not said. */
import type { Openable } from '@coffer/schema/row.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { AuditStanza } from '../../core/audit/devices.ts';
import type { LogLevel } from '../../contracts/log.ts';
import type { TlsFiles } from '../../platform/net/tls.ts';
import type { Target } from '../../platform/postgres/target.ts';

export interface Configuration {
  readonly listeners: readonly ListenerSettings[];
  readonly storage: StorageSettings;
  readonly seal: SealSettings;
  readonly audit: readonly AuditStanza[];
  /** Undefined: nobody would see that the whole store was put back. */
  readonly anchor: AnchorFileSettings | undefined;
  readonly apiAddress: string | undefined;
  readonly clusterName: string | undefined;
  readonly defaultLeaseSeconds: number;
  readonly maxLeaseSeconds: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'standard' | 'json';
  /** How long it serves on after it was told to end, while it says that it does not; undefined: as the storage needs it. */
  readonly drainSeconds: number | undefined;
  /** That take requests in: the one that writes, and those beside it. */
  readonly requestThreads: number;
  readonly auditByApi: boolean;
  /** Devices may have a prefix. */
  readonly auditPrefixes: boolean;
  /** `sys/internal/inspect` answers. */
  readonly introspection: boolean;
}

export interface ListenerSettings {
  /** An empty host is every address of the machine. */
  readonly address:
    | { readonly host: string; readonly port: number }
    | { readonly path: string; readonly mode?: number };
  /** Undefined serves plain HTTP. */
  readonly tls: TlsFiles | undefined;
  /** Of rows that ask for a token, instead of what they say; undefined leaves it at that. */
  readonly maxRequestBytes: number | undefined;
  readonly maxRequestSeconds: number;
  readonly timeouts: ListenerTimeouts;
  /** `default`, `2xx` or `404` → header → value. */
  readonly responseHeaders: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Undefined ignores X-Forwarded-For. */
  readonly forwarded: ForwardedSettings | undefined;
  /** To callers without a token. */
  readonly opens: ReadonlySet<Openable>;
  readonly unauthenticatedRekey: boolean;
  readonly unauthenticatedGenerateRoot: boolean;
}

export interface ListenerTimeouts {
  readonly headerReadSeconds: number | undefined;
  readonly requestReadSeconds: number | undefined;
  readonly writeStallSeconds: number | undefined;
  readonly idleSeconds: number | undefined;
}

export interface ForwardedSettings {
  /** Addresses and networks in CIDR form. */
  readonly authorized: readonly string[];
  readonly hopSkips: number;
  readonly rejectNotPresent: boolean;
  readonly rejectNotAuthorized: boolean;
}

export type StorageSettings =
  | { readonly type: 'sqlite'; readonly path: string }
  | { readonly type: 'inmem' }
  | PostgresSettings;

export interface PostgresSettings {
  readonly type: 'postgresql';
  readonly target: Target;
  readonly table: string;
  readonly skipCreate: boolean;
  /** Undefined: as the storage sees fit. */
  readonly parallel: number | undefined;
  readonly idle: number | undefined;
  /** Attempts to connect at the start; 0: until it succeeds. */
  readonly attempts: number;
}

export interface AnchorFileSettings {
  readonly path: string;
  readonly maxLagSeconds: number;
}

export type SealSettings =
  | { readonly type: 'shamir' }
  | { readonly type: 'static'; readonly current: StaticKey; readonly previous: StaticKey | undefined };

export interface StaticKey {
  readonly id: string;
  readonly key: KeySource;
}

/** A key file is read by who opens the seal. */
export type KeySource = { readonly secret: Secret } | { readonly file: string };
