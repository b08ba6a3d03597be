/** How the runtime keeps the memory of a process that lives long. */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Up to this size a heap may grow between two collections, however little of it is in use. */
const spareHeapBytes = 75_497_472;
/** A larger heap may grow by a third; the runtime by itself would let it double or more. */
const leastPercent = 30;
const mostPercent = 400;

/** By how many percent a heap may grow of which this much is in use. */
export const growthPercent = (usedBytes: number): number =>
  Math.min(mostPercent, Math.max(leastPercent, Math.round(100 * (spareHeapBytes / usedBytes - 1))));

const fitGrowth = (): void =>
  setFlagsFromString(`--heap-growing-percent=${growthPercent(getHeapStatistics().used_heap_size)}`);

const isMajor = (entry: PerformanceEntry): boolean => {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
};

/**
 * A store's memory is to be what it keeps and not what it forgot, as long as collecting is not most of what a small one does: how far
 * the heap may grow is set anew after each major collection. What lives short is collected by the thread that made it alone:
 * helpers cost more than they save where cores are few. A runtime that does not know a flag says so and goes on.
 */
export const boundMemory = (): void => {
  setFlagsFromString('--no-parallel-scavenge');
  fitGrowth();
  new PerformanceObserver(list => {
    if (list.getEntries().some(isMajor)) fitGrowth();
  }).observe({ entryTypes: ['gc'] });
};
