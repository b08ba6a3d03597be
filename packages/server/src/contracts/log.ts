/** The operational log. Fields name things, never secret values. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export type LogFields = { readonly [name: string]: string | number | boolean | undefined };

export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
  /** A log whose lines carry these fields too. */
  with(fields: LogFields): Log;
}

/** What has a log with a level of its own. `server` is what starts and ends all others. */
export const logParts = ['audit', 'core', 'http', 'leases', 'mounts', 'server', 'storage', 'tokens'] as const;
export type LogPart = (typeof logParts)[number];

/** Levels while the process runs; nothing of it outlives the process. */
export interface LogLevels {
  all(): ReadonlyMap<LogPart, LogLevel>;
  /** Undefined: as configured again. */
  set(part: LogPart, level: LogLevel | undefined): void;
}

/** Lines of this level and above, in this form. */
export interface Tapped {
  readonly level: LogLevel;
  readonly format: 'standard' | 'json';
}

export interface LogTap {
  /** Every line from now on, with its newline; the answer ends it. `take` must not write to the log. */
  follow(tapped: Tapped, take: (line: string) => void): () => void;
}

export interface Logs {
  readonly tap: LogTap;
  readonly levels: LogLevels;
  part(name: LogPart): Log;
}
