/** S26 on a thread that only reads: what it finds is held against the ledger of the thread that writes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Storage } from '@coffer/server/contracts/storage.ts';
import { openFrontBed, settled } from './bed.ts';

let text: string | undefined;
const place = {
  name: '/else/where',
  read: async (): Promise<string | undefined> => text,
  write: async (next: string): Promise<void> => void (text = next),
};
const storage: { head?: () => Promise<number> } = {};
const bed = await openFrontBed({
  anchor: { place, maxLagMs: 1000, head: () => storage.head?.() ?? Promise.resolve(0) },
  cacheBytes: 0,
});
const { main, front, handed } = bed;
after(() => bed.close());
const stored = main.storage as Storage & { head(): Promise<number> };
storage.head = () => stored.head();

const valueOf = ({ status, json }: Awaited<ReturnType<typeof front>>): unknown =>
  status === 200 ? json.data.data.value : status;
const put = async (path: string, value: string): Promise<void> =>
  assert.equal((await main.root('POST', `secret/data/${path}`, { data: { value } })).status, 200);

test('what is newest is answered here, also when the ledger has moved; what was put back or taken away is handed over, and refused', async () => {
  await put('a', 'first');
  const before = await stored.range('1/root/');
  await put('a', 'second');
  assert.equal(valueOf(await settled(bed, 'secret/data/a')), 'second');
  for (let at = 0; at < 30; at++)
    await Promise.all(Array.from({ length: 100 }, (_, one) => put(`many/${at}/${one}`, 'x')));
  assert.ok((main.core.anchor.status.ledger?.records ?? 0) > 2 ** 13 * 0.7, 'the table has grown');
  assert.equal(valueOf(await settled(bed, 'secret/data/a')), 'second');
  assert.equal(valueOf(await settled(bed, 'secret/data/many/29/99')), 'x');
  assert.equal(valueOf(await settled(bed, 'secret/data/none')), 404);

  const now = new Map((await stored.range('1/root/')).map(({ key, value }) => [key, value]));
  const changed = before.filter(
    ({ key, value }) => !key.startsWith('1/root/core/') && Buffer.compare(value, now.get(key) ?? Buffer.of()) !== 0,
  );
  assert.equal(changed.length, 1);
  for (const { key, value } of changed) {
    for (const [at, attack] of [value, undefined].entries()) {
      await stored.commit({ id: `${at}`.padStart(32, 'f'), writes: [{ key, value: attack }] });
      let told = await front('GET', 'secret/data/a');
      for (let attempt = 0; attempt < 20; attempt++) {
        assert.equal(valueOf(told), 500);
        await new Promise(done => setTimeout(done, 5));
        told = await front('GET', 'secret/data/a');
      }
      assert.ok(handed.at(-1)?.includes('secret/data/a'));
      await stored.commit({ id: `${at}`.padStart(32, 'e'), writes: [{ key, value: now.get(key) }] });
    }
  }
  assert.equal(valueOf(await settled(bed, 'secret/data/a')), 'second');
});
