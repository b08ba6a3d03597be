import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CofferError } from '@coffer/schema/errors.ts';
import { operatorHelp, parseOperatorFlags } from './flags.ts';

test('without flags everything is as usual', () => {
  assert.partialDeepStrictEqual(parseOperatorFlags([]), {
    kubeconfig: undefined,
    namespace: undefined,
    controllerClass: 'default',
    concurrency: 16,
    leaderElection: undefined,
    storeRequeueMs: 300_000,
    logLevel: 'info',
  });
});

test('flags are read, with one dash or two, with = or without', () => {
  const argv = ['-kubeconfig', 'k', '--context=c', '-namespace=n', '-concurrent=3', '-enable-leader-election=true'];
  const settings = parseOperatorFlags([...argv, '-store-requeue-interval=1m30s', '-log-format=json']);
  assert.partialDeepStrictEqual(settings, {
    kubeconfig: 'k',
    context: 'c',
    namespace: 'n',
    concurrency: 3,
    leaderElection: true,
    storeRequeueMs: 90_000,
    logFormat: 'json',
  });
});

test('it listens where it is told to, without a host for this machine alone, and nowhere otherwise', () => {
  assert.deepEqual(parseOperatorFlags([])?.listeners, { health: undefined, metrics: undefined });
  const { listeners } = parseOperatorFlags(['-health-address=:8082', '-metrics-address=0.0.0.0:8080']) ?? {};
  assert.deepEqual(listeners?.health, { host: '127.0.0.1', port: 8082 });
  assert.deepEqual(listeners?.metrics, { host: '0.0.0.0', port: 8080 });
});

test('what cannot be is refused, with what is expected', () => {
  for (const flag of [
    '-concurrent=0',
    '-concurrent=257',
    '-concurrent=x',
    '-enable-leader-election=maybe',
    '-store-requeue-interval=0',
    '-store-requeue-interval=soon',
    '-log-level=loud',
    '-health-address=8082',
    '-health-address=127.0.0.1',
    '-metrics-address=a b:1',
    '-log-format=xml',
  ])
    assert.throws(
      () => parseOperatorFlags([flag]),
      error => error instanceof CofferError && error.code === 'usage' && /expected/.test(error.message),
    );
  for (const flag of ['-nope', 'word', '-kubeconfig'])
    assert.throws(() => parseOperatorFlags([flag]), { code: 'usage' });
});

test('help names every flag', () => {
  assert.equal(parseOperatorFlags(['-help']), undefined);
  assert.match(operatorHelp(), /-kubeconfig=PATH[\s\S]*-enable-leader-election=BOOL[\s\S]*-log-level=LEVEL/);
});
