/** A device as requests meet it: where its records go, and in what form. */
import type { AuditSink, Observed } from '../../contracts/audit.ts';
import type { Selection } from './options.ts';
import type { AuditFormat } from './record.ts';

export interface AuditDevice {
  readonly path: string;
  readonly type: string;
  readonly description: string;
  readonly options: ReadonlyMap<string, string>;
  readonly sink: AuditSink & Partial<Observed>;
  readonly format: AuditFormat;
  readonly selection: Selection;
}
