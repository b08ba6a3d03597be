import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeIo } from '../fake-io.ts';

test('dev hands its arguments on, and knows help by one name wherever it stands', async () => {
  const fake = new FakeIo();
  await fake.run('dev', '-kubeconfig=x', '-clean');
  await fake.run('dev', '-kubeconfig=x', '--help');
  await fake.run('help', 'dev');
  assert.deepEqual(fake.devRuns, [['-kubeconfig=x', '-clean'], ['-help'], ['-help']]);
});
