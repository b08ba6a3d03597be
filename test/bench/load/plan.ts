/** What the load generator is told, and what it tells. Plain data: it crosses a process boundary. */

/** Requests of one kind. `{n}` in path and body is the number of the key. */
export interface RequestPlan {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  /** How many keys there are. */
  readonly keys: number;
  /** Keys in random order, or one after the other. */
  readonly order: 'random' | 'sequence';
  readonly status: number;
}

export interface LoadOrder {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly connections: number;
  readonly plan: RequestPlan;
  /** Ends after this time, or after this many requests. */
  readonly seconds?: number;
  readonly count?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** The first answer with another status than the plan says. */
  readonly wrong: string | undefined;
}
