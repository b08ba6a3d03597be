import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoText, listed, quoted, spanText, timeIn } from './phrases.ts';
import { grantCommand } from './seen.ts';

test('times in words', () => {
  const spans = [-5000, 0, 90_000, 130_000, 3 * 3_600_000, 5 * 86_400_000].map(spanText);
  assert.deepEqual(spans, ['0 s', '0 s', '90 s', '2 min', '3 h', '5 d']);
  assert.equal(agoText(0, 5000), '1970-01-01T00:00:00Z (5 s ago)');
  assert.deepEqual([timeIn('1970-01-01T00:00:01Z'), timeIn('x'), timeIn(7)], [1000, undefined, undefined]);
});

test('lists are bounded', () => {
  assert.equal(quoted(['a', 'b"']), '"a", "b\\""');
  assert.match(listed(Array.from({ length: 12 }, (_, at) => `n${at}`)), /n9 and 2 more$/);
});

test('a right is given by one command, of the namespace or of the cluster', () => {
  assert.equal(
    grantCommand({ verb: 'list', resource: 'pods', namespace: 'shop' }, 'ada'),
    'kubectl create role coffer-doctor-pods --verb=get,list --resource=pods -n shop && kubectl create rolebinding coffer-doctor-pods --role=coffer-doctor-pods --user=ada -n shop',
  );
  assert.match(
    grantCommand({ verb: 'list', resource: 'leases.coordination.k8s.io', namespace: undefined }, undefined),
    /^kubectl create clusterrole \S+ --verb=get,list .* kubectl create clusterrolebinding .* --user=NAME$/,
  );
});
