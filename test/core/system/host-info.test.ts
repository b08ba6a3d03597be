/** `sys/host-info`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed } from '../bed.ts';

test('the machine is shown under the names tools read', async () => {
  const bed = await openBed();
  const { status, json } = await bed.root('GET', 'sys/host-info');
  assert.equal(status, 200);
  assert.deepEqual(json.data, {
    timestamp: '2026-01-01T00:00:00.000Z',
    cpu: [{ cpu: 0, modelName: 'a', mhz: 3000, cores: 1 }],
    cpu_times: [{ cpu: 'cpu0', user: 1, nice: 0, system: 2, idle: 3, irq: 0.5 }],
    disk: [
      {
        path: '/data/',
        total: 3000,
        free: 1000,
        used: 2000,
        usedPercent: 66.67,
        inodesTotal: 10,
        inodesUsed: 0,
        inodesFree: 10,
        inodesUsedPercent: 0,
      },
    ],
    host: {
      hostname: 'here',
      uptime: 100,
      bootTime: Date.UTC(2026, 0, 1) / 1000 - 100,
      os: 'linux',
      platform: 'linux',
      kernelVersion: '6.1',
      kernelArch: 'x64',
    },
    memory: { total: 1000, available: 500, free: 250, used: 750, usedPercent: 75 },
  });
});

test('it is shown to nobody without a token that may read it, nor while sealed', async () => {
  const bed = await openBed();
  const made = await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  assert.equal((await bed.ask('GET', 'sys/host-info')).status, 403);
  assert.equal((await bed.ask('GET', 'sys/host-info', { token: made.json.auth.client_token })).status, 403);
  assert.equal((await bed.root('POST', 'sys/host-info', {})).status, 405);
  await bed.root('PUT', 'sys/seal');
  assert.equal((await bed.root('GET', 'sys/host-info')).status, 503);
});
