import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceMistakes, mistakes } from './planted.ts';
import { simulate, type SimulationOptions } from './simulate.ts';

/** So many worlds may a mistake hide in. */
const seeds = 60;

const planted: readonly (readonly [name: string, mistake: Partial<SimulationOptions>])[] = [
  ...Object.entries(mistakes).map(([name, bend]) => [name, { bend }] as const),
  ...Object.entries(deviceMistakes).map(([name, bendDevice]) => [name, { bendDevice }] as const),
];

for (const [name, mistake] of planted)
  test(`it is found when ${name}`, async context => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { wrong } = await simulate({ seed, ...mistake });
      if (wrong.length === 0) continue;
      context.diagnostic(`seed ${seed}: ${wrong[0]?.split('\n')[0]}`);
      return;
    }
    assert.fail(`not found in ${seeds} seeds`);
  });
