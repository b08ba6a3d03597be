/** What the run says: a line for each stage as it ends, every failure in full at the end, and the count last of all. */
import type { Failure, StageResult, Totals } from './result.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printStage = (result: StageResult): void => {
  const mark = result.failures.length > 0 ? 'FAIL' : 'ok  ';
  const skipped = result.skips.length > 0 ? `, ${result.skips.length} skipped` : '';
  const failed = result.failures.length > 0 ? `, ${result.failures.length} failed` : '';
  say(`${mark} ${result.name}: ${result.passed} passed${failed}${skipped} in ${result.seconds.toFixed(1)} s`);
  for (const note of result.notes) say(`       ${note}`);
};

const printEach = (heading: string, entries: readonly Failure[]): void => {
  if (entries.length > 0) say(`\n${heading}`);
  for (const entry of entries) say(`\n- ${entry.title}\n${entry.detail.trimEnd().replaceAll(/^/gm, '    ')}`);
};

export const printSummary = (results: readonly StageResult[], totals: Totals): void => {
  printEach(
    'SKIPPED',
    results.flatMap(result => result.skips),
  );
  printEach(
    'FAILED',
    results.flatMap(result => result.failures),
  );
  say(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
};
