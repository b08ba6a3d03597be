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
