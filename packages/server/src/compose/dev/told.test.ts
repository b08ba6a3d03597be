import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devObjects } from './objects.ts';
import { clusterLine, quoted, storeLine, tryThis, undoAll } from './told.ts';

test('each line names the object and the command that takes it away; what is not there any more has none', () => {
  const one = devObjects('http://127.0.0.1:8200').find(({ object }) => object.kind === 'ServiceAccount');
  assert.ok(one !== undefined);
  assert.match(
    clusterLine({ outcome: 'made', one }),
    /^ {4}made +serviceaccount\/coffer-dev -n coffer-dev +undo: kubectl delete serviceaccount\/coffer-dev -n coffer-dev\n$/,
  );
  assert.equal(clusterLine({ outcome: 'removed', one }), '    removed    serviceaccount/coffer-dev -n coffer-dev\n');
  assert.match(
    clusterLine({ outcome: 'changed', one, formerAddress: 'http://127.0.0.1:1' }),
    /^ {4}changed .*\n {15}it named the store at http:\/\/127\.0\.0\.1:1: .*\n$/,
  );
  assert.match(storeLine({ outcome: 'kept', name: 'policy a', undo: 'b' }), /^ {4}as it was {2}policy a +undo: b\n$/);
});

test('what is to be typed survives a shell', () => {
  assert.equal(quoted('/a/b-c.d'), '/a/b-c.d');
  assert.equal(quoted("it's $HOME"), `'it'\\''s $HOME'`);
  const where = {
    address: 'http://127.0.0.1:8200',
    kubeconfig: '/my files/k',
    context: 'a b',
    tokenFile: '/my files/t',
  };
  assert.match(tryThis(where), /\$\(cat '\/my files\/t'\)" KUBECONFIG='\/my files\/k'\n/);
  assert.match(tryThis(where), /kubectl --context='a b' apply/);
  assert.match(undoAll(where, '/d'), /coffer dev -clean -kubeconfig='\/my files\/k' -context='a b' -data=\/d\n/);
});
