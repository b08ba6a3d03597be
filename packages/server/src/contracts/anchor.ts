/** A place out of the reach of who can write the store. It keeps one short text. */
export interface AnchorPlace {
  /** As people know it: a path. */
  readonly name: string;
  /** Undefined where nothing was kept yet. Rejects where that cannot be found out. */
  read(): Promise<string | undefined>;
  /** Durable when it resolves. Replaces what was there, all or nothing. */
  write(text: string): Promise<void>;
}
