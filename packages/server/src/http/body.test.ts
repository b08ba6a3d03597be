import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { IncomingBody } from './body.ts';
import { Inbox } from './inbox.ts';

const bodyOf = (length: number): { body: IncomingBody; inbox: Inbox; asked: () => number } => {
  const inbox = new Inbox();
  let asked = 0;
  return {
    body: new IncomingBody(length, { inbox, wanted: () => asked++, flows: () => {} }),
    inbox,
    asked: () => asked,
  };
};
const isCode = (code: string) => (error: unknown) => error instanceof CofferError && error.code === code;

test('a body that is all there is answered at once, and what follows stays', () => {
  const { body, inbox, asked } = bodyOf(3);
  inbox.append(Buffer.from('abcNEXT'));
  const bytes = body.read(3);
  assert.ok(bytes instanceof Uint8Array);
  assert.deepEqual(
    [Buffer.from(bytes).toString(), inbox.take().toString(), body.unread, asked()],
    ['abc', 'NEXT', 0, 0],
  );
});

test('a body is gathered from its pieces, and nothing after it is taken', async () => {
  const { body, inbox, asked } = bodyOf(100_000);
  inbox.append(Buffer.from('<'));
  const reading = body.read(100_000);
  assert.equal(asked(), 1);
  for (let turn = 0; turn < 7; turn++) {
    inbox.append(Buffer.alloc(14_285, 'x'));
    body.pump();
  }
  inbox.append(Buffer.from('xyz>NEXT'));
  body.pump();
  const bytes = Buffer.from(await reading).toString();
  assert.deepEqual([bytes.length, bytes.slice(0, 2), bytes.slice(-5), body.unread], [100_000, '<x', 'xxyz>', 0]);
  assert.equal(inbox.take().toString(), 'NEXT');
});

test('nothing is taken before someone asks', () => {
  const { body, inbox } = bodyOf(3);
  inbox.append(Buffer.from('abc'));
  body.pump();
  assert.deepEqual([inbox.length, body.unread], [3, 3]);
});

test('S13: a body over the limit is refused without a byte of it', async () => {
  const { body } = bodyOf(11);
  await assert.rejects(async () => body.read(10), isCode('body_too_large'));
});

test('what nobody reads is dropped', () => {
  const { body, inbox } = bodyOf(3);
  body.discard();
  inbox.append(Buffer.from('ab'));
  body.pump();
  inbox.append(Buffer.from('cNEXT'));
  body.pump();
  assert.deepEqual([body.unread, inbox.take().toString()], [0, 'NEXT']);
});

test('a failure reaches those who read and those who will', async () => {
  const [read, held] = [bodyOf(3), bodyOf(3)];
  const reading = read.body.read(3);
  const late = new CofferError('request_timeout', 'late');
  for (const { body } of [read, held]) body.fail(late);
  await assert.rejects(async () => reading, isCode('request_timeout'));
  await assert.rejects(async () => held.body.read(3), isCode('request_timeout'));
});
