/** A row without its function, as plain data: what clients and the command derive flags, help and completion from. */
import type { Access, AnswerForm, BodyForm, Verb } from '../row.ts';

export interface ApiField {
  readonly name: string;
  readonly kind: string;
  readonly summary: string;
  readonly inPath?: true;
  readonly required?: true;
  readonly secret?: true;
  readonly deprecated?: true;
  readonly default?: string | number | boolean | readonly string[];
  readonly choices?: readonly string[];
  readonly aliases?: readonly string[];
}

export interface ApiRow {
  readonly verb: Verb;
  /** From the root: `sys/mounts/:path*`, `:kv_v2_mount_path/data/:path*`. */
  readonly path: string;
  /** The engine: `sys`, `token`, `kv-v2`. */
  readonly engine: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly body: BodyForm;
  readonly answer: AnswerForm;
  readonly wholeBody?: string;
  readonly aliases?: readonly string[];
  readonly in: readonly ApiField[];
  readonly out: readonly ApiField[];
}
