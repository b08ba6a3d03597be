/** The top-level `telemetry`: nothing in it is needed, and each of its keys is told why. */
import { readBlocks } from '@coffer/schema/hcl/read.ts';
import type { Report } from './problem.ts';
import { originOf, type Placed, readSettings } from './settings.ts';

export const readTelemetry = (blocks: readonly Placed[], report: Report): void => {
  for (const placed of blocks) {
    const found = report.attempt(originOf(placed), '"telemetry": ', () => readBlocks(placed.item, 0)) ?? [];
    const items = found.flatMap(({ body }) => body.items.map(item => ({ item, file: placed.file })));
    readSettings('telemetry', items, report);
  }
};
