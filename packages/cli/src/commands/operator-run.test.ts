import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeIo } from '../fake-io.ts';

const runsOf = async (argv: readonly string[], inCluster = false) => {
  const fake = new FakeIo();
  if (inCluster) fake.env.set('KUBERNETES_SERVICE_HOST', '10.0.0.1');
  const { out, err } = await fake.run('operator', ...argv);
  return { runs: fake.operatorRuns, said: out + err };
};

test('the operator runs where a cluster is named, or in one', async () => {
  assert.deepEqual((await runsOf(['-kubeconfig=x', '-concurrent=3'])).runs, [['-kubeconfig=x', '-concurrent=3']]);
  assert.deepEqual((await runsOf(['-log-level=warn', '--kubeconfig', 'x'])).runs.length, 1);
  assert.deepEqual((await runsOf([], true)).runs, [[]]);
  assert.deepEqual((await runsOf(['-namespace=shop'], true)).runs, [['-namespace=shop']]);
  assert.deepEqual((await runsOf(['-kubeconfig=x', '-h'])).runs, [['-kubeconfig=x', '-help']]);
});

test('nowhere else: the help of the group says how', async () => {
  for (const [argv, inCluster] of [
    [[], false],
    [['-h'], false],
    [['-h'], true],
    [['-namespace=x'], false],
    [['nope'], true],
  ] as const) {
    const { runs, said } = await runsOf(argv, inCluster);
    assert.deepEqual(runs, []);
    assert.match(said, /coffer operator -h|-kubeconfig=PATH/);
  }
});

test('the commands of the group are still there', async () => {
  const { runs, said } = await runsOf(['init', '-h'], true);
  assert.deepEqual(runs, []);
  assert.match(said, /Usage: coffer operator init/);
});

test('its manifests are printed by a command of the group, with or without a cluster', async () => {
  const fake = new FakeIo();
  await fake.run('operator', 'manifests', '-image=a');
  await fake.run('operator', 'manifests', '-h');
  assert.deepEqual(fake.manifestsRuns, [['-image=a'], ['-help']]);
});
