import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Token } from '../tokens/token.ts';
import { Monitors } from './monitors.ts';

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

test('who begins while the last look at others is under way is looked at once in each round, not more often', async () => {
  const gate = Promise.withResolvers<Token | undefined>();
  const timers = new Set<() => void>();
  const monitors = new Monitors({
    tap: { follow: () => () => {} },
    tokens: { admitted: () => gate.promise },
    policies: { aclFor: () => ({ decide: () => ({ allowed: true }) }) as never },
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (_delayMs, task) => {
        timers.add(task);
        return () => timers.delete(task);
      },
    },
  });
  const asked = { token: {} as Token, path: '', level: 'info', format: 'json' } as const;
  const one = monitors.follow(asked);
  const [look] = timers;
  timers.clear();
  look?.();
  await one.return();
  const other = monitors.follow(asked);
  assert.equal(timers.size, 1);
  gate.resolve({} as Token);
  await turn();
  assert.equal(timers.size, 1);
  await other.return();
  assert.equal(timers.size, 0);
});
