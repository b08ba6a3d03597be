/** How long a store takes from the start of its process until it answers requests. */
import { startCoffer } from './target/coffer.ts';

const starts = 3;

export interface StartUp {
  readonly folder: string;
  readonly core: number | undefined;
}

/** Median, in milliseconds, of starts of an unsealing store with audit off. */
export const measureStartUp = async ({ folder, core }: StartUp): Promise<number> => {
  const times: number[] = [];
  for (let at = 0; at < starts; at++) {
    const coffer = await startCoffer({ folder, core, audit: false });
    const health = await fetch(`http://${coffer.api.host}:${coffer.api.port}/v1/sys/health`);
    await health.body?.cancel();
    if (health.status !== 200) throw new Error(`the store started, but its health is ${health.status}`);
    times.push(coffer.startMs);
    await coffer.stop();
  }
  return times.toSorted((a, b) => a - b)[starts >> 1] ?? 0;
};
