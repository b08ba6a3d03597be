/** Which connections are made and closed, on connections that do nothing. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { lingerMs } from './bounds.ts';
import type { Link } from './link.ts';
import { Pool } from './pool.ts';

const parallel = 16;
const idle = 4;

class FakeLink {
  broken = false;
  isClosed = false;

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

const poolOf = (context: TestContext) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const links: FakeLink[] = [];
  const open = (): Promise<Link> => {
    const link = new FakeLink();
    links.push(link);
    return Promise.resolve(link as unknown as Link);
  };
  const pool = new Pool({ open, parallel, idle });
  const turn = (): Promise<void> => new Promise(resolve => void setImmediate(resolve));
  /** So many uses at the same time. */
  const useAtOnce = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => pool.use(turn)));
  const pass = (milliseconds: number): void => context.mock.timers.tick(milliseconds);
  const rest = (): void => {
    for (let looks = 0; looks < 2; looks++) pass(lingerMs);
  };
  const live = (): number => links.filter(({ isClosed }) => !isClosed).length;
  return { pool, links, useAtOnce, pass, rest, live };
};

test('what is needed again and again is made once', async context => {
  const { links, useAtOnce, pass } = poolOf(context);
  for (let count = 0; count < 10; count++) {
    await useAtOnce(100);
    pass(lingerMs - 1);
  }
  assert.equal(links.length, parallel);
});

test('what is not needed any more is closed, but for a few', async context => {
  const { useAtOnce, pass, rest, live } = poolOf(context);
  await useAtOnce(parallel);
  rest();
  assert.equal(live(), idle);
  await useAtOnce(6);
  await useAtOnce(6);
  assert.equal(live(), 6);
  for (let count = 0; count < 5; count++) {
    await useAtOnce(5);
    pass(lingerMs);
  }
  assert.equal(live(), 5);
  rest();
  assert.equal(live(), idle);
});

test('what broke while it was idle is not given to anybody', async context => {
  const { links, useAtOnce, rest, live } = poolOf(context);
  await useAtOnce(3);
  for (const link of links) link.broken = true;
  await useAtOnce(2);
  assert.equal(links.length, 5);
  rest();
  assert.equal(live() - 3, 2);
});

test('a closed pool keeps nothing', async context => {
  const { pool, useAtOnce, live } = poolOf(context);
  await useAtOnce(parallel);
  await pool.close();
  assert.equal(live(), 0);
  await assert.rejects(
    pool.use(async () => undefined),
    /closed/,
  );
});
