/** What a step over many records does with one that fails: goes on past it, unless no other would fare better. */
import { CofferError } from '@coffer/schema/errors.ts';

const closed: ReadonlySet<string> = new Set(['sealed', 'storage_failed', 'not_active', 'not_current']);

/** The store itself is closed or broken, or this node may not do it any more. */
export const isClosed = (error: unknown): boolean => error instanceof CofferError && closed.has(error.code);

/** For the log: what our own errors say names things, never values; others may quote what they read. */
export const reasonOf = (error: unknown): string =>
  error instanceof CofferError ? error.message : error instanceof Error ? error.name : 'unknown';
