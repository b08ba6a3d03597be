/** From the store's acknowledgement of a write until the Secret was seen with the new value. */
import { setTimeout as pause } from 'node:timers/promises';
import { makeExternalSecret, password, putPassword } from './objects.ts';
import { forAll } from './parallel.ts';
import type { Place } from './place.ts';
import { fillStore } from './phases.ts';

export interface Latency {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Between one write and the next while others are created. */
const paceMs = 20;
const restMs = 10;

let revision = 0;

const measureOne = async ({ bed, sight }: Place, name: string): Promise<number> => {
  revision += 1;
  const value = password(name, revision);
  const seen = sight.untilRight(name, { value, after: 0 });
  await putPassword(bed.store.api, name, value);
  const acknowledgedMs = performance.now();
  return Math.max(0, (await seen) - acknowledgedMs);
};

const summarise = (all: readonly number[]): Latency => {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { samples: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
};

/** Spread evenly over the objects. */
const chosen = (names: readonly string[], at: number, samples: number): string =>
  names[Math.floor((at * names.length) / samples) % names.length] ?? '';

/** One after the other. */
export const latencyAtRest = async (place: Place, names: readonly string[], samples: number): Promise<Latency> => {
  const found: number[] = [];
  for (let at = 0; at < samples; at += 1) {
    found.push(await measureOne(place, chosen(names, at, samples)));
    await pause(restMs);
  }
  return summarise(found);
};

/** While `others` are being made: fewer than `samples` where that is done sooner. */
export const latencyUnderLoad = async (
  place: Place,
  { names, others, samples }: { names: readonly string[]; others: readonly string[]; samples: number },
): Promise<Latency> => {
  await fillStore(place, others);
  const over = new AbortController();
  const made = createAll(place, others).finally(() => over.abort());
  const asked: Promise<number>[] = [];
  for (let at = 0; at < samples && !over.signal.aborted; at += 1) {
    asked.push(measureOne(place, chosen(names, at, samples)));
    await pause(paceMs);
  }
  const found = await Promise.all(asked);
  await made;
  return summarise(found);
};

const createAll = async ({ kube, sight }: Place, names: readonly string[]): Promise<void> => {
  await forAll(names, name => makeExternalSecret(kube, name));
  await Promise.all(names.map(name => sight.untilRight(name, { value: password(name, 0), after: 0 })));
};
