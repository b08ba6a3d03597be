import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import type { RsaSignWish, Slow } from '../../contracts/slow.ts';
import { SlowQueue } from './queue.ts';

/** Work that ends when the test says so; what was begun is told by the data that was to be signed. */
class Hands {
  readonly begun: string[] = [];
  readonly made: Uint8Array[] = [];
  readonly #ends: ((fail: boolean) => void)[] = [];
  most = 0;

  readonly work = ((name: string, asked: RsaSignWish) => {
    this.begun.push(`${name} ${Buffer.from(asked.data).toString()}`);
    this.most = Math.max(this.most, this.#ends.length + 1);
    return new Promise<Uint8Array>((resolve, reject) => {
      this.#ends.push(fail => {
        if (fail) return reject(new CofferError('invalid_request', 'no such key'));
        this.made.push(new Uint8Array([1, 2, 3]));
        resolve(this.made.at(-1) as Uint8Array);
      });
    });
  }) as unknown as Slow;

  async end(fail = false): Promise<void> {
    this.#ends.shift()?.(fail);
    await turn();
  }
}

const limits = { running: 2, waiting: 6, waitingOfOne: 4 };

const wish = (data: string): RsaSignWish => ({
  privateKey: new Uint8Array(1),
  data: Buffer.from(data),
  hash: 'SHA-256',
  padding: 'pss',
});

const isSealed = { code: 'sealed' };

const open = () => {
  const hands = new Hands();
  const queue = new SlowQueue(hands.work, limits);
  const ask = (mountId: string, data: string, isGone = () => false): Promise<Uint8Array> =>
    queue.for({ mountId, isGone })('rsaSign', wish(data));
  return { hands, queue, ask };
};

test('no more run at once than may, and all that were asked for are done', async () => {
  const { hands, queue, ask } = open();
  const all = ['1', '2', '3', '4', '5'].map(data => ask('a', data));
  assert.deepEqual([queue.running, queue.waiting], [2, 3]);
  for (let left = 5; left > 0; left--) await hands.end();
  assert.deepEqual(await Promise.all(all), hands.made);
  assert.deepEqual([hands.most, queue.running, queue.waiting], [2, 0, 0]);
});

test('mounts take turns: one that asked for much does not hold up one that asks for little', async () => {
  const { hands, ask } = open();
  for (const data of ['1', '2', '3', '4', '5']) void ask('a', data);
  void ask('b', '1st of b');
  void ask('c', '1st of c');
  for (let left = 7; left > 0; left--) await hands.end();
  assert.deepEqual(
    hands.begun.map(text => text.slice('rsaSign '.length)),
    ['1', '2', '3', '1st of b', '1st of c', '4', '5'],
  );
});

test('what is too much for one mount is refused, and others are still served', async () => {
  const { queue, ask } = open();
  for (const data of ['1', '2', '3', '4', '5', '6']) void ask('a', data).catch(() => {});
  await assert.rejects(ask('a', '7'), { code: 'quota_exceeded', retryAfterSeconds: 2 });
  void ask('b', '1').catch(() => {});
  void ask('c', '1').catch(() => {});
  await assert.rejects(ask('d', '1'), { code: 'quota_exceeded' });
  assert.equal(queue.waiting, 6);
  queue.endAll();
});

test('who is gone is not worked for, and makes room where there is too little', async () => {
  const { hands, queue, ask } = open();
  let gone = false;
  void ask('a', '1');
  void ask('a', '2');
  const left = ['3', '4', '5'].map(data => ask('a', data, () => gone));
  void ask('a', '6');
  gone = true;
  const told = Promise.all(left.map(one => assert.rejects(one, { code: 'request_timeout' })));
  const last = ask('a', '7');
  await told;
  assert.equal(queue.waiting, 2);
  const late = assert.rejects(
    ask('a', '8', () => gone),
    { code: 'request_timeout' },
  );
  for (let done = 4; done > 0; done--) await hands.end();
  await last;
  await late;
  assert.deepEqual(
    hands.begun.map(text => text.at(-1)),
    ['1', '2', '6', '7'],
  );
});

test('a failure is told to who asked, and the next is begun', async () => {
  const { hands, queue, ask } = open();
  const first = assert.rejects(ask('a', '1'), { code: 'invalid_request' });
  const others = ['2', '3'].map(data => ask('a', data));
  await hands.end(true);
  await first;
  await hands.end();
  await hands.end();
  await Promise.all(others);
  assert.deepEqual([queue.running, queue.waiting], [0, 0]);
});

test('sealing refuses all at once; what a thread still makes is wiped, and its place is not given away before', async () => {
  const { hands, queue, ask } = open();
  const all = ['1', '2', '3'].map(data => assert.rejects(ask('a', data), isSealed));
  queue.endAll();
  await Promise.all(all);
  assert.deepEqual([queue.running, queue.waiting], [2, 0]);
  const after = ask('b', 'after');
  assert.equal(hands.begun.length, 2);
  await hands.end();
  await hands.end();
  assert.deepEqual(
    hands.made.map(made => Array.from(made)),
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  );
  await hands.end();
  assert.deepEqual(Array.from(await after), [1, 2, 3]);
});
