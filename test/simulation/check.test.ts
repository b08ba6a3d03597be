/** The checkers themselves: right histories pass, and each kind of wrong one is found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaseMs } from '@coffer/server/core/nodes/freshness.ts';
import { leases, ownWrites, registers, revocations, unwrappings, useLimits } from './check.ts';
import type { Event, History, LeaseEnded, Lent, Opened, ReadIt, Revoked, Used, Wrote } from './history.ts';

const history = (events: readonly Event[], more: Partial<History> = {}): History => ({
  events,
  limits: new Map(),
  wrapped: new Map(),
  made: new Map(),
  ended: new Map(),
  kept: new Set(),
  ...more,
});
const times = (calledMs: number, returnedMs: number) => ({ client: 'c', node: 'n', calledMs, returnedMs });
/** `told`: the version, and what check-and-set asked for. */
const write = (
  at: readonly [number, number],
  value: string,
  told: readonly [version?: number | undefined, cas?: number] = [],
): Wrote => ({
  ...times(...at),
  kind: 'write',
  key: 'k',
  value,
  version: told[0],
  cas: told[1],
});
const read = (at: readonly [number, number], value: string, version: number): ReadIt => ({
  ...times(...at),
  kind: 'read',
  key: 'k',
  value,
  version,
  indexed: false,
});
const indexed = (event: ReadIt): ReadIt => ({ ...event, indexed: true });

test('right histories of a secret pass: at once, stale within the lease, unknown and refused writes', () => {
  const right: readonly (readonly Event[])[] = [
    [],
    [read([0, 1], '', 0), write([2, 3], 'a', [1, 0]), read([4, 5], 'a', 1)],
    // As old as it may be.
    [write([0, 1], 'a', [1]), write([1000, 1001], 'b', [2]), read([1600, 1601], 'a', 1)],
    // At the same time, in either order.
    [write([0, 10], 'a', [2]), write([0, 10], 'b', [1]), read([20, 21], 'a', 2)],
    // One wins by check-and-set.
    [write([0, 10], 'a', [1, 0]), write([0, 10], 'b', [undefined, 0]), read([800, 801], 'a', 1)],
    // Nobody knows whether the first one happened: it did, it did not, and it did late.
    [write([0, Infinity], 'a'), write([20, 30], 'b', [2]), read([800, 801], 'b', 2)],
    [write([0, Infinity], 'a'), write([20, 30], 'b', [1]), read([800, 801], 'b', 1)],
    [write([0, Infinity], 'a'), write([20, 30], 'b', [1]), read([5000, 5001], 'a', 2)],
  ];
  for (const events of right) assert.deepEqual(registers(history(events)), [], JSON.stringify(events));
});

test('wrong histories of a secret are found', () => {
  const wrong: readonly (readonly [name: string, events: readonly Event[]])[] = [
    ['lost write', [write([0, 1], 'a', [1]), write([2, 3], 'b', [1])]],
    ['lost after its answer', [write([0, 1], 'a', [1]), read([2000, 2001], '', 0)]],
    ['older than the lease', [write([0, 1], 'a', [1]), write([10, 11], 'b', [2]), read([800, 801], 'a', 1)]],
    ['another value', [write([0, 1], 'a', [1]), read([10, 11], 'b', 1)]],
    ['a value from nowhere', [read([10, 11], 'x', 1)]],
    ['from the future', [read([0, 1], 'a', 1), write([2, 3], 'a', [1])]],
    ['check-and-set let two through', [write([0, 10], 'a', [1, 0]), write([0, 10], 'b', [2, 0])]],
    ['check-and-set refused the right one', [write([0, 1], 'a', [1]), write([10, 11], 'b', [undefined, 1])]],
    ['written twice', [write([0, 1], 'a', [1]), read([800, 801], 'a', 2)]],
    ['refused, and done', [write([0, 1], 'a', [undefined, 5]), read([800, 801], 'a', 1)]],
    [
      'back and forth',
      [write([0, 1], 'a', [1]), write([10, 11], 'b', [2]), read([1000, 1001], 'b', 2), read([2000, 2001], 'a', 1)],
    ],
  ];
  for (const [name, events] of wrong) assert.equal(registers(history(events)).length, 1, name);
});

test('who carries the index along reads what they were told before', () => {
  const told = write([0, 10], 'a', [1]);
  assert.deepEqual(ownWrites(history([told, indexed(read([20, 30], 'a', 1))])), []);
  assert.deepEqual(ownWrites(history([told, read([20, 30], '', 0)])), []);
  assert.deepEqual(ownWrites(history([told, indexed(read([5, 30], '', 0))])), []);
  assert.equal(ownWrites(history([told, indexed(read([20, 30], '', 0))])).length, 1);
  const other = { ...indexed(read([20, 30], '', 0)), client: 'other' };
  assert.deepEqual(ownWrites(history([told, other])), []);
});

test('a revoked token is dead within the second', () => {
  const revoked: Revoked = { ...times(0, 10), kind: 'revoke', token: 't' };
  const use = (calledMs: number, admitted: boolean): Used => ({
    ...times(calledMs, calledMs + 1),
    node: 'other',
    kind: 'use',
    token: 't',
    admitted,
  });
  assert.deepEqual(revocations(history([revoked, use(1000, true), use(2000, false)])), []);
  assert.equal(revocations(history([revoked, use(1011, true)])).length, 1);
  assert.equal(revocations(history([revoked, { ...use(11, true), node: 'n' }])).length, 1);
  assert.deepEqual(revocations(history([{ ...revoked, returnedMs: Infinity }, use(5000, true)])), []);
});

test('limits of uses and of unwrapping hold', () => {
  const use = (calledMs: number): Used => ({
    ...times(calledMs, calledMs + 1),
    kind: 'use',
    token: 't',
    admitted: true,
  });
  const limits = new Map([['t', 2]]);
  assert.deepEqual(useLimits(history([use(0), use(1)], { limits })), []);
  assert.equal(useLimits(history([use(0), use(1), use(2)], { limits })).length, 1);
  const opened = (value: string | undefined): Opened => ({ ...times(0, 1), kind: 'unwrap', token: 'w', value });
  const wrapped = new Map([['w', 'x']]);
  assert.deepEqual(unwrappings(history([opened('x'), opened(undefined)], { wrapped })), []);
  assert.equal(unwrappings(history([opened('x'), opened('x')], { wrapped })).length, 1);
  assert.equal(unwrappings(history([opened('y')], { wrapped })).length, 1);
});

test('what was made under a lease is taken back, and not before its time unless somebody asked', () => {
  const lent: Lent = { ...times(leaseMs, leaseMs + 10), kind: 'lend', thing: 'x', lease: 'l' };
  const asked: LeaseEnded = { ...times(800, Infinity), kind: 'end lease', lease: 'l' };
  const made = new Map([['x', 5]]);
  const at = (...all: number[]) => ({ made, ended: new Map([['x', all]]) });
  assert.deepEqual(leases(history([lent], at(6000, 6500))), []);
  assert.deepEqual(leases(history([lent, asked], at(800))), []);
  assert.equal(leases(history([lent], { made, kept: new Set(['x']) })).length, 1);
  // Its making was cut off: that is known, or forgotten.
  assert.deepEqual(leases(history([], { made, kept: new Set(['x']) })), []);
  assert.equal(leases(history([], { made })).length, 1);
  assert.equal(leases(history([lent], at(5999))).length, 1);
  assert.equal(leases(history([lent, asked], at(799))).length, 1);
});
