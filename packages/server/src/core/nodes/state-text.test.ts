import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { askedRevision, stateText } from './state-text.ts';

const store = '0123456789abcdef';

test('the latest state of this store counts; those of others are passed over', () => {
  assert.equal(askedRevision(stateText(store, 17), store), 17);
  assert.equal(atob(stateText(store, 17)), `v1:${store}:17:0:`);
  const all = [stateText(store, 3), stateText('ff', 99), stateText(store, 12)].join(', ');
  assert.equal(askedRevision(all, store), 12);
  assert.equal(askedRevision(stateText('ff', 99), store), 0);
  assert.equal(askedRevision(btoa(`v1:${store}:5:7:a0b1`), store), 5);
});

test('anything else is refused', () => {
  const wrong = ['', 'x', '%%%', 'v1', btoa('v2:aa:1:0:'), btoa(`v1:${store}:-1:0:`), btoa(`v1:${store}:1e5:0:`)];
  for (const header of [
    ...wrong,
    btoa(`v1:${store}:${'9'.repeat(30)}:0:`),
    `${stateText(store, 1)},`,
    'é',
    ','.repeat(99),
  ])
    assert.throws(
      () => askedRevision(header, store),
      (error: unknown) => error instanceof CofferError && error.code === 'invalid_request',
      header,
    );
});
