/** What the store and its writer thread tell each other. */
import type { Failure } from './failure.ts';

export interface WriterOptions {
  readonly path: string;
  /** Commits whose changes are kept. */
  readonly historyLimit: number;
  /** Added to each commit, to measure what slow disks do. */
  readonly fsyncDelayMs: number;
}

export interface BatchMessage {
  readonly kind: 'batch';
  /** Transferred; comes back with the answer. */
  readonly buffer: ArrayBuffer;
  readonly length: number;
  readonly commits: number;
}

export type ToWriter = BatchMessage | { readonly kind: 'close' };

export interface AppliedMessage {
  readonly kind: 'applied';
  readonly buffer: ArrayBuffer;
  /** As `Applied.results`. */
  readonly results: Float64Array;
  readonly oldest: number;
}

export type FromWriter =
  | { readonly kind: 'opened'; readonly head: number; readonly oldest: number }
  | AppliedMessage
  | { readonly kind: 'refused'; readonly buffer: ArrayBuffer; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'warning'; readonly failure: Failure }
  | { readonly kind: 'closed' };
