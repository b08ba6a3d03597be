import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNewer, ObjectCache } from './object-cache.ts';

const at = (resourceVersion: string, name = 'a') => ({ resourceVersion, name });

test('versions are compared as numbers of any length; what is none counts as news', () => {
  assert.equal(isNewer('10', '9'), true);
  assert.equal(isNewer('9', '10'), false);
  assert.equal(isNewer('10', '10'), false);
  assert.equal(isNewer('18446744073709551616', '18446744073709551615'), true);
  assert.equal(isNewer('abc', '10'), true);
  assert.equal(isNewer('abc', 'abc'), false);
});

test('the answer to a write is not undone by the watch that comes after it', () => {
  const cache = new ObjectCache<ReturnType<typeof at>>();
  assert.equal(cache.put('a', at('5')), true);
  assert.equal(cache.put('a', at('9', 'written')), true);
  assert.equal(cache.put('a', at('7')), false);
  assert.equal(cache.put('a', at('9')), false);
  assert.equal(cache.get('a')?.name, 'written');
  assert.equal(cache.put('a', at('11', 'watched')), true);
});

test('news of a deletion does not take what was made anew meanwhile', () => {
  const cache = new ObjectCache<ReturnType<typeof at>>();
  cache.put('a', at('5'));
  cache.put('a', at('9', 'anew'));
  assert.equal(cache.delete('a', '5'), false);
  assert.equal(cache.get('a')?.name, 'anew');
  assert.equal(cache.delete('a', '9'), true);
  assert.equal(cache.delete('a', '9'), false);
  assert.equal(cache.size, 0);
});

test('what is gone at a later version than that of our own write is gone', () => {
  const cache = new ObjectCache<ReturnType<typeof at>>();
  cache.put('a', at('5'));
  cache.put('a', at('9', 'written while nothing was told'), 'answer');
  assert.equal(cache.delete('a', '12'), true);
  assert.equal(cache.size, 0);
});

test('an answer that comes after the news of the deletion brings nothing back; one to a new object does', () => {
  const cache = new ObjectCache<ReturnType<typeof at>>();
  cache.put('a', at('5'));
  cache.put('a', at('9'));
  cache.delete('a', '10');
  assert.equal(cache.put('a', at('9'), 'answer'), false);
  assert.equal(cache.size, 0);
  assert.equal(cache.put('a', at('11'), 'answer'), true);
  assert.equal(cache.put('a', at('11')), false);
});
