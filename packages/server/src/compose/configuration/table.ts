/**
 * Every configuration key this server knows, once: the reader, `test/golden/configuration.txt` and
 * `docs/configuration.md` are made from these rows. A key that has a meaning for security and is not honoured is an
 * error, unless it says what holds anyway; what becomes of a key that no row names is said in `unknown-key.ts`.
 */
import type { KeyRow } from './key-row.ts';
import { listenerRows } from './table-listener.ts';
import { migrationRows } from './table-migration.ts';
import { stanzaRows } from './table-stanzas.ts';
import { telemetryRows } from './table-telemetry.ts';
import { topRows } from './table-top.ts';

export const keyRows: readonly KeyRow[] = Object.freeze([
  ...topRows,
  ...telemetryRows,
  ...listenerRows,
  ...stanzaRows,
  ...migrationRows,
]);

const byBlock = new Map<string, Map<string, KeyRow>>();
for (const row of keyRows) {
  const block = byBlock.get(row.block) ?? new Map<string, KeyRow>();
  if (block.has(row.key)) throw new Error(`${row.block}: ${row.key} stands twice in the table`);
  byBlock.set(row.block, block.set(row.key, row));
}

const nothing: ReadonlyMap<string, KeyRow> = new Map();

/** The rows of a block by key. */
export const rowsOf = (block: string): ReadonlyMap<string, KeyRow> => byBlock.get(block) ?? nothing;
