/** What clients did and were told. Times are those of the client, in virtual milliseconds. */
interface Done {
  readonly client: string;
  readonly node: string;
  readonly calledMs: number;
  /** Infinity where no answer came: nobody knows what it did. */
  readonly returnedMs: number;
}

/** A write of a version of a secret; with `cas` only where the version is that one. */
export interface Wrote extends Done {
  readonly kind: 'write';
  readonly key: string;
  readonly value: string;
  readonly cas: number | undefined;
  /** Undefined: refused by check-and-set, or, where it did not return, not known. */
  readonly version: number | undefined;
}

export interface ReadIt extends Done {
  readonly kind: 'read';
  readonly key: string;
  /** 0 where there was none. */
  readonly version: number;
  readonly value: string;
  /** It carried the index of the client's last answer along. */
  readonly indexed: boolean;
}

/** A token was shown. */
export interface Used extends Done {
  readonly kind: 'use';
  readonly token: string;
  readonly admitted: boolean;
}

export interface Revoked extends Done {
  readonly kind: 'revoke';
  readonly token: string;
}

/** A wrapping token was opened. */
export interface Opened extends Done {
  readonly kind: 'unwrap';
  readonly token: string;
  readonly value: string | undefined;
}

/** Something was made outside, under a lease. */
export interface Lent extends Done {
  readonly kind: 'lend';
  readonly thing: string;
  readonly lease: string;
}

/** A lease was asked to end; it may have done so even where no answer came. */
export interface LeaseEnded extends Done {
  readonly kind: 'end lease';
  readonly lease: string;
}

export type Event = Lent | LeaseEnded | Wrote | ReadIt | Used | Revoked | Opened;

export interface History {
  readonly events: readonly Event[];
  /** How often each token may be used; those that may be used for ever are not in it. */
  readonly limits: ReadonlyMap<string, number>;
  /** Of things outside: when each was made, and when it was taken back. */
  readonly made: ReadonlyMap<string, number>;
  /** Things that a lease in the store is still about, in the end. */
  readonly kept: ReadonlySet<string>;
  readonly ended: ReadonlyMap<string, readonly number[]>;
  /** What was wrapped. */
  readonly wrapped: ReadonlyMap<string, string>;
}
