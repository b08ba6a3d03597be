import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeIo } from '../fake-io.ts';

test('the doctor gets its arguments as they are; help by one name', async () => {
  const fake = new FakeIo();
  await fake.run('doctor', 'externalsecret', 'db', '-n', 'shop');
  await fake.run('doctor', 'externalsecret', 'db', '--help');
  await fake.run('doctor');
  assert.deepEqual(fake.doctorRuns, [['externalsecret', 'db', '-n', 'shop'], ['-help'], []]);
});
