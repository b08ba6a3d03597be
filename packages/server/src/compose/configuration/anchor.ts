/** `anchor "file" { path = "…" }`: none or one. */
import type { AnchorFileSettings } from './configuration.ts';
import type { Report } from './problem.ts';
import type { Placed } from './settings.ts';
import { readStanzas, type Stanza } from './stanza.ts';

const form = { name: 'anchor', labels: 1, bodyOf: (type: string): string => `anchor ${type}` };
const defaultLagSeconds = 1;
const shortestLagSeconds = 0.1;
const longestLagSeconds = 3600;

const lagOf = ({ settings, origin }: Stanza, report: Report): number => {
  const seconds = settings.number('max_lag') ?? defaultLagSeconds;
  if (seconds < shortestLagSeconds || seconds > longestLagSeconds)
    report.add('error', settings.setting('max_lag')?.origin ?? origin, `"max_lag": expected 100ms to 1h`);
  return seconds;
};

export const readAnchor = (items: readonly Placed[], report: Report): AnchorFileSettings | undefined => {
  const [first, second] = readStanzas(items, form, report);
  if (second !== undefined) report.add('error', second.origin, 'only one "anchor" block is permitted');
  if (first === undefined) return undefined;
  const path = first.settings.text('path') ?? '';
  if (!path.startsWith('/')) report.add('error', first.origin, 'anchor "file": "path" must be set to an absolute path');
  return { path, maxLagSeconds: lagOf(first, report) };
};
