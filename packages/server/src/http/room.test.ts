import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastBytes, mostBytes, Room } from './room.ts';

const flushed = { writableLength: 0 };
const stuck = { writableLength: 1 };

test('an answer that has left makes room for the next one', () => {
  const room = new Room();
  const first = room.take(leastBytes);
  assert.equal(first.length, leastBytes);
  room.left(first, flushed);
  const second = room.take(mostBytes);
  assert.equal(second.buffer, first.buffer);
  assert.equal(second.length, mostBytes);
});

test('one that the socket still holds keeps its bytes', () => {
  const room = new Room();
  const first = room.take(leastBytes);
  first.fill(1);
  room.left(first, stuck);
  const second = room.take(leastBytes);
  second.fill(2);
  assert.notEqual(second.buffer, first.buffer);
  assert.ok(first.every(byte => byte === 1));
  // What comes late of the first is not the second's.
  room.left(first, flushed);
  assert.notEqual(room.take(leastBytes).buffer, second.buffer);
});

test('two that were taken before either left have room of their own', () => {
  const room = new Room();
  const [first, second] = [room.take(leastBytes), room.take(leastBytes)];
  assert.notEqual(first.buffer, second.buffer);
});

test('short ones and long ones are not kept', () => {
  const room = new Room();
  for (const length of [0, leastBytes - 1, mostBytes + 1]) {
    const taken = room.take(length);
    assert.equal(taken.length, length);
    room.left(taken, flushed);
  }
  const first = room.take(mostBytes);
  assert.equal(first.buffer.byteLength, mostBytes);
});
