import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { CofferError } from '@coffer/schema/errors.ts';
import { type Askable, Calls, Transferred } from './calls.ts';

const pairOf = <M extends Askable>(mine: M) => {
  const { port1, port2 } = new MessageChannel();
  const answering = new Calls<M, Askable>(port1, mine);
  const asking = new Calls<Askable, M>(port2, {});
  return {
    asking,
    answering,
    close: () => {
      port1.close();
      port2.close();
    },
  };
};

test('answers come to the question that they belong to, in any order', async () => {
  const waiting: (() => void)[] = [];
  const { asking, close } = pairOf({
    twice: async (n: number): Promise<number> => {
      await new Promise<void>(resolve => void waiting.push(resolve));
      return 2 * n;
    },
    now: (text: string): string => `${text}!`,
  });
  const slow = [1, 2, 3].map(n => asking.ask('twice', n));
  assert.equal(await asking.ask('now', 'here'), 'here!');
  for (const go of waiting.toReversed()) go();
  assert.deepEqual(await Promise.all(slow), [2, 4, 6]);
  close();
});

test('a failure is the same one at the other end, and a bug tells nothing', async () => {
  const { asking, close } = pairOf({
    refuse: (): never => {
      throw new CofferError('sealed', 'Vault is sealed', { retryAfterSeconds: 3 });
    },
    bug: async (): Promise<never> => {
      throw new TypeError('canary');
    },
  });
  await assert.rejects(asking.ask('refuse', undefined), {
    code: 'sealed',
    publicMessage: 'Vault is sealed',
    retryAfterSeconds: 3,
  });
  await assert.rejects(asking.ask('bug', undefined), (error: CofferError) => {
    assert.equal(error.code, 'internal');
    return !`${error.message} ${error.stack ?? ''}`.includes('canary');
  });
  close();
});

test('bytes move there and back', async () => {
  const { asking, close } = pairOf({
    turned: (bytes: Uint8Array<ArrayBuffer>): Transferred<Uint8Array> => new Transferred(bytes.toReversed(), []),
    back: (bytes: Uint8Array<ArrayBuffer>): Transferred<Uint8Array> => new Transferred(bytes, [bytes.buffer]),
  });
  const own = new Uint8Array([1, 2, 3]);
  assert.deepEqual(await asking.ask('turned', own, [own.buffer]), new Uint8Array([3, 2, 1]));
  assert.equal(own.byteLength, 0);
  assert.deepEqual(await asking.ask('back', new Uint8Array([7])), new Uint8Array([7]));
  close();
});

test('what is told is not answered, and what it does wrong is nobody’s', async () => {
  const heard: string[] = [];
  const { asking, close } = pairOf({
    note: (text: string): void => {
      heard.push(text);
      if (text === 'one') throw new Error('lost');
    },
    done: (): readonly string[] => heard,
  });
  asking.tell('note', 'one');
  asking.tell('note', 'two');
  assert.deepEqual(await asking.ask('done', undefined), ['one', 'two']);
  close();
});

test('once the other thread is gone everybody is refused', async () => {
  const { asking, close } = pairOf({ never: (): Promise<void> => new Promise(() => {}) });
  const open = asking.ask('never', undefined);
  asking.end(new CofferError('internal', 'The thread has ended.'));
  await assert.rejects(open, { code: 'internal' });
  await assert.rejects(asking.ask('never', undefined), { code: 'internal' });
  asking.tell('never', undefined);
  close();
});
