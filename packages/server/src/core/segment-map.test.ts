import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SegmentMap } from './segment-map.ts';

test('a segment is found in its place, however often and whatever was found before', () => {
  const map = new SegmentMap<string>();
  const find = (path: string, segment: string): string | undefined => {
    const from = path.indexOf(segment);
    return map.at(path, { from, end: from + segment.length });
  };
  assert.equal(find('a/b', 'a'), undefined);
  for (const segment of ['a', 'ab', 'b']) map.set(segment, `is ${segment}`);
  const order = ['a', 'a', 'ab', 'a', 'b', 'c', 'b', 'ab'];
  assert.deepEqual(
    order.map(segment => find(`x/${segment}/ab`, segment)),
    order.map(segment => (segment === 'c' ? undefined : `is ${segment}`)),
  );
  assert.equal(map.at('abc', { from: 0, end: 2 }), 'is ab');
  map.set('a', 'changed');
  assert.equal(find('a', 'a'), 'changed');
});
