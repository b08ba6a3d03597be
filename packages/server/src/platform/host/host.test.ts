import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realHost } from './host.ts';

test('the process is told of', () => {
  const { residentBytes, heapUsedBytes, cpuSeconds, startedAtMs } = realHost([]).usage();
  assert.ok(residentBytes > heapUsedBytes && heapUsedBytes > 0 && cpuSeconds > 0);
  assert.ok(startedAtMs > Date.UTC(2020, 0, 1) && startedAtMs <= Date.now());
});

test('the machine is told of, with the file system of each folder that is there', async () => {
  const facts = await realHost(['/', '/no/such/folder']).facts();
  assert.ok(facts.hostname !== '' && facts.uptimeSeconds >= 0 && facts.cpus.length > 0);
  assert.ok(facts.memory.totalBytes >= facts.memory.freeBytes && facts.memory.availableBytes > 0);
  assert.deepEqual(
    facts.disks.map(({ path }) => path),
    ['/'],
  );
  const [disk] = facts.disks;
  assert.ok(disk !== undefined && disk.totalBytes >= disk.freeBytes && disk.totalBytes > 0);
});
