/** Where audit records go. A record is one line of JSON without its newline. */
export interface AuditSink {
  readonly path: string;
  readonly type: string;
  /**
   * Takes records in order and resolves when they have reached the device (`sync = write`: the write call returned).
   * Rejects when the device cannot take them, and within a time limit where it does not say.
   */
  write(records: readonly string[]): Promise<void>;
  /** Opens the device anew, as after rotation. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** A device that can be looked at. */
export interface Observed {
  /** Characters that wait to be written. */
  waiting(): number;
  /**
   * Whether what it writes to was taken away since it was asked last. It has then begun anew, or takes no records until it
   * can.
   */
  watch(): Promise<boolean>;
}

/** Ties what a device writes to all that it wrote before. Each `close` is settled before the next. */
export interface AuditChain {
  /** A line, without its end, that says where the chain stands: for the start of a file, and behind a failed write. */
  head(): string;
  /**
   * The bytes of one write up to the `}}` that ends its last record, behind `chainRoomBytes` that are the chain's to use.
   * Answers what ends the write in place of that: ASCII, with the newline, at most `chainEndBytes`.
   */
  close(bytes: Uint8Array): string;
  /** What became of the write that was closed last. */
  settle(isWritten: boolean): void;
}

/** So that what is hashed lies in one piece. */
export const chainRoomBytes = 32;
/** The longest end of a write. */
export const chainEndBytes = 192;
