import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from './failure.ts';

const reported = (errcode: number): Error =>
  Object.assign(new Error('unable to open /srv/secret-place/store.db'), { errcode });

test('S11: what callers are told of a failure names the store and the kind, not its folder and not what SQLite said', () => {
  for (const errcode of [0, 1, 5, 6, 8, 10, 11, 13, 14, 26, 266, 522]) {
    const { message } = failureOf(reported(errcode), '/srv/secret-place/store.db');
    assert.match(message, /^The store store\.db [a-z]/);
    assert.ok(message.endsWith(`(SQLite ${errcode}).`), message);
    assert.doesNotMatch(message, /secret-place|unable to open/);
  }
});
