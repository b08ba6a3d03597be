/** F2: a wall clock that jumps takes nothing away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';

const hourMs = 3_600_000;

const withToken = async () => {
  const bed = await openBed();
  const made = await bed.root('POST', 'auth/token/create', { policies: ['default'], ttl: '30m' });
  const token = made.json.auth.client_token as string;
  await bed.ask('POST', 'cubbyhole/a', { token, body: { x: 1 } });
  return { bed, token, accessor: made.json.auth.accessor as string };
};
const status = async (bed: Bed, token: string): Promise<number> =>
  (await bed.ask('GET', 'cubbyhole/a', { token })).status;
const isKept = async (bed: Bed, accessor: string): Promise<boolean> =>
  (await bed.root('LIST', 'auth/token/accessors')).json.data.keys.includes(accessor);
const ticks = async (bed: Bed, count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick++) await bed.clock.advance(1000);
};
const said = (bed: Bed, text: string): number => bed.logged.filter(line => line.includes(text)).length;

test('F2: a clock an hour ahead for a while ends no token for good, and the log has an alarm', async () => {
  const { bed, token, accessor } = await withToken();
  await ticks(bed, 2);
  bed.clock.jump(hourMs);
  await ticks(bed, 5);
  assert.equal(await status(bed, token), 403);
  assert.equal(said(bed, 'error the wall clock jumped'), 1);
  assert.match(bed.logged.join('\n'), /"jumpSeconds":3600/);
  bed.clock.jump(-hourMs);
  await ticks(bed, 2);
  assert.equal(said(bed, 'the clock agrees again'), 1);
  assert.equal(await status(bed, token), 200);
  await bed.clock.advance(hourMs);
  await ticks(bed, 1);
  assert.equal(await isKept(bed, accessor), false);
});

test('a clock that is right after the jump is vouched for by tidy, by a day, or by opening the store', async () => {
  const ways: readonly ((bed: Bed) => Promise<void>)[] = [
    async bed => assert.equal((await bed.root('POST', 'auth/token/tidy')).status, 202),
    bed => bed.clock.advance(24 * hourMs),
    async bed => {
      await bed.core.seal.seal();
      await bed.core.seal.submitKey(bed.unsealKeys[0] ?? '');
    },
  ];
  for (const way of ways) {
    const { bed, accessor } = await withToken();
    bed.clock.jump(hourMs);
    await ticks(bed, 3);
    assert.equal(await isKept(bed, accessor), true);
    await way(bed);
    await ticks(bed, 2);
    assert.equal(await isKept(bed, accessor), false);
  }
});

test('small and slow corrections of the clock pause nothing, a jump back is told', async () => {
  const { bed, accessor } = await withToken();
  for (let tick = 0; tick < 40; tick++) {
    bed.clock.jump(50_000);
    await ticks(bed, 1);
  }
  assert.equal(await isKept(bed, accessor), false);
  assert.equal(said(bed, 'jumped'), 0);
  bed.clock.jump(-61_000);
  await ticks(bed, 1);
  assert.match(bed.logged.join('\n'), /error the wall clock jumped.*"jumpSeconds":-61/);
});
