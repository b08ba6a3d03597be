/**
 * How long a store takes from the start of its process until it answers requests: from its sources, and as the single
 * executable that is shipped.
 */
import path from 'node:path';
import { makeExecutable } from '../../scripts/publish/executable.ts';
import { root } from '../run/environment.ts';
import { startCoffer } from './target/coffer.ts';

const starts = 3;

export interface StartUp {
  readonly folder: string;
  readonly core: number | undefined;
}

export interface Starts {
  /** Milliseconds. */
  readonly sourcesMs: number;
  readonly executableMs: number;
}

const executable = path.join(root, '.cache', 'bench-coffer');
let made: Promise<string> | undefined;

const makeOnce = async (): Promise<string> => {
  await makeExecutable(executable);
  return executable;
};

/** Medians of starts of an unsealing store with audit off. */
export const measureStartUp = async (place: StartUp): Promise<Starts> => {
  made ??= makeOnce();
  const shipped = await made;
  return { sourcesMs: await medianStart(place), executableMs: await medianStart(place, shipped) };
};

const medianStart = async ({ folder, core }: StartUp, launcher?: string): Promise<number> => {
  const times: number[] = [];
  for (let at = 0; at < starts; at++) {
    const coffer = await startCoffer({ folder, core, audit: false, launcher });
    const health = await fetch(`http://${coffer.api.host}:${coffer.api.port}/v1/sys/health`);
    await health.body?.cancel();
    if (health.status !== 200) throw new Error(`the store started, but its health is ${health.status}`);
    times.push(coffer.startMs);
    await coffer.stop();
  }
  return times.toSorted((a, b) => a - b)[starts >> 1] ?? 0;
};
