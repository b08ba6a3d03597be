import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../contracts/storage.ts';
import { EventLog, gapBefore, heldEventsLimit } from './event-log.ts';

test('what cannot be read counts too: a store full of it fills no memory, and nobody is told less', async () => {
  const count = heldEventsLimit + 5;
  async function* changes(since: number): AsyncGenerator<Change> {
    for (let revision = since + 1; revision <= count; revision++) yield { revision, events: [{}] } as unknown as Change;
  }
  const open = async ({ revision }: Change) => gapBefore(revision + 1);
  const log = new EventLog({ changes, open, more: () => {} }, 0);
  await log.run();
  assert.equal(log.reached, count);
  assert.equal(log.from, 5);
  assert.equal(log.next(5)?.revision, 6);
  assert.equal(log.next(count - 1)?.isGap, true);
});
