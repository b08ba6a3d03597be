import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox } from './inbox.ts';

const shown = (inbox: Inbox): string => inbox.bytes.toString('latin1', inbox.start, inbox.end);

test('what is appended and not consumed is there, in order', () => {
  const inbox = new Inbox();
  let expected = '';
  for (let turn = 0; turn < 300; turn++) {
    const piece = `${turn},`.repeat(turn % 40);
    inbox.append(Buffer.from(piece));
    expected += piece;
    const count = Math.min(inbox.length, (turn * 7) % 90);
    inbox.consume(count);
    expected = expected.slice(count);
    assert.equal(shown(inbox), expected);
  }
  assert.equal(inbox.take().toString(), expected);
  assert.equal(inbox.length, 0);
});

test('bytes received earlier stay as they were', () => {
  const inbox = new Inbox();
  const kept: [Buffer, string][] = [];
  for (let turn = 0; turn < 200; turn++) {
    inbox.append(Buffer.from(`piece ${turn} `));
    if (turn % 3 === 0) inbox.consume(4);
    const view = inbox.bytes.subarray(inbox.start, inbox.end);
    kept.push([view, view.toString()]);
    if (turn % 50 === 49) inbox.consume(inbox.length);
  }
  for (const [view, text] of kept) assert.equal(view.toString(), text);
});

test('a chunk that arrives into an empty inbox is not copied', () => {
  const inbox = new Inbox();
  const chunk = Buffer.from('abc');
  inbox.append(chunk);
  assert.equal(inbox.bytes, chunk);
});
