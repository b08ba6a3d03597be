/** What the store and its writer thread tell each other. */
import type { Write } from '../../contracts/storage.ts';
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

export interface ReplaceMessage {
  readonly kind: 'replace';
  /** Of the copy, with what it must hold. */
  readonly file: string;
  readonly sha256: Uint8Array;
  readonly records: number;
  /** Written beside it. */
  readonly also: readonly Write[];
}

/** `moved`: most of the write-ahead log is in the file; what is left is the writer's. */
export type ToWriter = BatchMessage | ReplaceMessage | { readonly kind: 'moved' } | { readonly kind: 'close' };

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
  | { readonly kind: 'replaced'; readonly head: number }
  | { readonly kind: 'kept'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'warning'; readonly failure: Failure }
  /** The write-ahead log is long: it is to be moved into the file. */
  | { readonly kind: 'long' }
  | { readonly kind: 'closed' };

export interface MoverOptions {
  readonly path: string;
}

export type ToMover = 'move' | 'close';

export interface FromMover {
  readonly kind: 'moved';
  /** Why nothing was moved, or not all. */
  readonly failure: Failure | undefined;
}

export interface CopierOptions {
  readonly path: string;
  readonly target: string;
}

export type FromCopier =
  | {
      readonly kind: 'copied';
      readonly revision: number;
      readonly records: number;
      readonly bytes: number;
      readonly sha256: Uint8Array;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };
