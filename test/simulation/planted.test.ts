import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mistakes } from './planted.ts';
import { simulate } from './simulate.ts';

/** So many worlds may a mistake hide in. */
const seeds = 60;

for (const [name, bend] of Object.entries(mistakes))
  test(`it is found when ${name}`, async context => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { wrong } = await simulate({ seed, bend });
      if (wrong.length === 0) continue;
      context.diagnostic(`seed ${seed}: ${wrong[0]?.split('\n')[0]}`);
      return;
    }
    assert.fail(`not found in ${seeds} seeds`);
  });
