import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededDice } from '../../../../../test/fuzz/http-dice.ts';
import type { Name } from './mark.ts';
import { bucketOf, MarkTable, type Memory } from './table.ts';

const textOf = ({ hi, lo }: Name): string => `${hi}/${lo}`;

test('it says what a map would say, whatever is put in and removed, in whichever order', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { below, pick } = seededDice(seed);
    // Few names, near each other and at the end, so that they collide and wrap round.
    const names = Array.from({ length: 40 }, () => {
      const near = below(4) * 2 ** 18;
      return { hi: below(2) === 0 ? near : (0xffffffff - near) >>> 0, lo: below(8) };
    });
    const [table, map] = [new MarkTable(), new Map<string, { name: Name; mark: Name }>()];
    for (let act = 0; act < 150; act++) {
      const name = pick(names);
      const mark = { hi: below(2), lo: 1 + below(5) };
      if (below(5) < 2) {
        table.remove(name);
        map.delete(textOf(name));
      } else {
        table.set(name, mark, 1);
        map.set(textOf(name), { name, mark });
      }
      assert.equal(table.size, map.size);
      for (const any of names) assert.deepEqual(table.get(any), map.get(textOf(any))?.mark, `seed ${seed}`);
    }
    const buckets = new Set([...map.values()].map(({ name }) => bucketOf(name)));
    const listed = [...buckets].flatMap(bucket => table.bucket(bucket).map(([one]) => textOf(one)));
    assert.deepEqual(listed.toSorted(), [...map.keys()].toSorted());
  }
});

test('it grows, loses nothing, tells where it is now, and says in the old place that it has left', () => {
  const moved: Memory[] = [];
  const table = new MarkTable({
    allocate: bytes => new SharedArrayBuffer(bytes),
    moved: memory => void moved.push(memory),
  });
  const first = new MarkTable(undefined, table.memory);
  const names = Array.from({ length: 20_000 }, (_, at) => ({ hi: Math.imul(at + 1, 2_654_435_761) >>> 0, lo: at }));
  for (const [at, one] of names.entries()) table.set(one, { hi: at, lo: 1 }, 1);
  assert.equal(moved.length, 2);
  assert.equal(moved.at(-1), table.memory);
  const now = new MarkTable(undefined, table.memory);
  assert.deepEqual([first.isLeft, now.isLeft, table.isLeft], [true, false, false]);
  for (const [at, one] of names.entries()) {
    assert.deepEqual(table.get(one), { hi: at, lo: 1 });
    assert.deepEqual(now.get(one), { hi: at, lo: 1 });
  }
  const listed = Array.from({ length: 4_096 }, (_, bucket) => table.bucket(bucket).length);
  assert.equal(
    listed.reduce((sum, one) => sum + one, 0),
    names.length,
  );
});

test('what a walk has not met is told, also after entries have moved', () => {
  const table = new MarkTable();
  const names = Array.from({ length: 6 }, (_, lo) => ({ hi: 7, lo }));
  for (const one of names) table.set(one, { hi: 0, lo: 1 }, 1);
  for (const one of names.slice(0, 5)) table.meet(one, 2);
  table.remove({ hi: 7, lo: 1 });
  table.set({ hi: 7, lo: 9 }, { hi: 0, lo: 1 }, 2);
  assert.deepEqual(table.notMet(2, 10), [{ hi: 7, lo: 5 }]);
  assert.deepEqual(table.notMet(3, 2).length, 2);
});
