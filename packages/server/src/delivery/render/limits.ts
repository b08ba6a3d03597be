/** How far a template may go. Templates come from users: what has no bound here could stop the process for all. */
import type { TemplateLimits } from './work.ts';

export const templateLimits: TemplateLimits = {
  /** A Kubernetes object ends at about 1.5 MB. */
  templateBytes: 1_048_576,
  outputBytes: 2_097_152,
  /** Bytes and items made on the way, all together. */
  madeBytes: 16_777_216,
  /** Nodes walked, functions called, items looked at. */
  steps: 500_000,
  /** Templates in templates, lists in lists, parentheses in parentheses. */
  depth: 100,
};
