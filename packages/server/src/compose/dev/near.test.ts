import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTarget, isNear } from './near.ts';

test('addresses of this machine and of private networks are near, and names of this machine', () => {
  for (const host of ['127.0.0.1', '[::1]', 'localhost', '10.0.0.1', '172.31.255.255', '192.168.49.2', '[fd12::1]'])
    assert.equal(isNear(`https://${host}:6443`), true, host);
  assert.equal(isNear('https://kubernetes.docker.internal:6443'), true);
});

test('everything else is far, whatever it is called', () => {
  const far = ['1.2.3.4', '172.32.0.1', '[2001:db8::1]', 'localhost.example.com', '10.0.0.1.example.com', 'api.prod'];
  for (const host of far) assert.equal(isNear(`https://${host}`), false, host);
});

test('a far cluster is refused unless it is meant', () => {
  const far = { context: 'prod', server: 'https://1.2.3.4' };
  assert.throws(() => checkTarget(far, false), /"prod" is the cluster at https:\/\/1\.2\.3\.4, .* add -yes/);
  checkTarget(far, true);
  checkTarget({ context: 'kind', server: 'https://127.0.0.1:6443' }, false);
});
