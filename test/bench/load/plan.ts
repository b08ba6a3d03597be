/** What the load generator is told, and what it tells. Plain data: it crosses a process boundary. */
import type { Distribution } from './keys.ts';

/** Requests of one kind. `{n}` in path and body is the number of the key, `{s}` the next piece of the stock, `{v}` the value. */
export interface RequestPlan {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  /** How many keys there are. */
  readonly keys: number;
  /** Keys in random order (as the distribution has it), or one after the other. */
  readonly order: 'random' | 'sequence';
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
}

/** What all requests of a run of the bench have in common. */
export interface Shape {
  /** Length of `{v}`, in bytes. */
  readonly valueBytes: number;
  readonly distribution: Distribution;
}

export const defaultShape: Shape = { valueBytes: 1024, distribution: 'uniform' };

export interface LoadOrder {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly connections: number;
  readonly plan: RequestPlan;
  /** What requests name one after the other, from the first again behind the last. */
  readonly stock?: readonly string[];
  /** What stands before the text, up to the next quote, that is kept of each answer. */
  readonly collect?: string;
  /**
   * So many requests come in a second, whatever the server does: each waits for a connection that is free, and its time counts from
   * when it came. Without it each connection sends the next request once it has its answer.
   */
  readonly perSecond?: number | undefined;
  /** Ends after this time, or after this many requests. */
  readonly seconds?: number;
  readonly count?: number;
}

/** What the generator is sent. */
export interface LoadMessage {
  readonly order: LoadOrder;
  readonly shape: Shape;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** The first answer with another status than the plan says. */
  readonly wrong: string | undefined;
  readonly collected: readonly string[];
}
