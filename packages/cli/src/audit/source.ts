/** What the commands about audit files take from outside. */

/** A line of a file, where it ends, and whether it does. */
export interface Line {
  /** With its end, where there is one. Valid until the next lines are asked for. */
  readonly bytes: Uint8Array;
  /** From 1. */
  readonly number: number;
  readonly isEnded: boolean;
  /** Longer than any record: `bytes` is only its start. */
  readonly isCut: boolean;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** 64 hex digits; nothing is hashed after that. */
  hex(): string;
}

export interface AuditFiles {
  /** All lines of a file as it is now, a few at a time. Throws `usage` where it cannot be read. */
  readonly lines: (path: string) => AsyncIterable<readonly Line[]>;
  /**
   * The same from `lastLines` before the end on, and what is written from then on, also after the file was replaced by a
   * new one of its name.
   */
  readonly follow: (path: string, options: FollowOptions) => AsyncIterable<readonly Line[]>;
  /** SHA-256. */
  readonly sha256: () => Hasher;
}

export interface AuditIo extends AuditFiles {
  /** The wall clock, milliseconds since 1970. */
  readonly nowMs: () => number;
}

export interface FollowOptions {
  readonly lastLines: number;
  /** Goes on after the end. */
  readonly keeps: boolean;
}

/** Where something was found. */
export interface Spot {
  readonly file: string;
  readonly line: number;
  readonly sequence: number | undefined;
  /** As the record says. */
  readonly time: string | undefined;
}
