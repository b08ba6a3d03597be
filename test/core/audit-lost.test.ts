/** An audit file that is deleted under its device: noticed within a second, told, made anew, and seen by verification. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { watchEveryMs } from '../../packages/server/src/core/audit/devices.ts';
import { type Bed, openBed } from './bed.ts';
import { ChainBed, faultsOf } from './chain-bed.ts';

const metricsOf = async (bed: Bed): Promise<ReadonlyMap<string, number>> => {
  const { text } = await bed.ask('GET', 'sys/metrics?format=prometheus', {
    token: bed.rootToken,
    headers: { accept: 'text/plain;version=0.0.4' },
  });
  return new Map(
    text
      .split('\n')
      .filter(line => line.includes('audit') && !line.startsWith('#'))
      .map(line => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]),
  );
};

/** The look itself waits for the system. */
const looked = async ({ bed }: ChainBed): Promise<void> => {
  await bed.clock.advance(watchEveryMs);
  for (let turn = 0; turn < 200 && !bed.logged.join('\n').includes('was deleted'); turn++)
    await new Promise(done => setTimeout(done, 10));
};

test('F3: a deleted file is noticed within a second, told in log and metrics, and made anew; what is lost is a gap', async () => {
  const chain = await ChainBed.open();
  const { bed } = chain;
  await chain.requests();
  rmSync(chain.file);
  await chain.requests(1);
  assert.equal(existsSync(chain.file), false);
  await looked(chain);
  assert.match(bed.logged.join('\n'), /an audit file was deleted.*"device":"test\/"/);
  await chain.requests();
  assert.equal((await metricsOf(bed)).get('coffer_audit_files_lost_total{device="test/"}'), 1);
  const { findings } = await chain.verify();
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['earlier'],
  );
});

test('F3: what was written before a file was deleted and what came after leave a gap between them', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const first = await chain.rotate('1');
  await chain.requests();
  rmSync(chain.file);
  await looked(chain);
  await chain.requests();
  assert.deepEqual(faultsOf(await chain.verify([first, chain.file])), ['gap']);
});

test('F3: without its folder a device refuses what it cannot record, and serves again when the folder is back', async () => {
  const chain = await ChainBed.open();
  await chain.requests();
  const folder = path.dirname(chain.file);
  rmSync(folder, { recursive: true });
  await looked(chain);
  assert.equal((await chain.bed.root('POST', 'secret/data/app', { data: {} })).status, 500);
  assert.equal((await chain.bed.root('GET', 'secret/data/app')).status, 500);
  mkdirSync(folder);
  assert.equal((await chain.bed.root('GET', 'secret/data/app')).status, 200);
  const metrics = await metricsOf(chain.bed);
  assert.deepEqual(
    ['vault_audit_log_request_failure', 'vault_audit_log_response_failure'].map(name => metrics.get(name)),
    // The record of the refusal could not be written either.
    [1, 2],
  );
  assert.equal(metrics.get('coffer_audit_device_healthy{device="test/"}'), 1);
  assert.equal(metrics.get('coffer_audit_failures_total{device="test/"}'), 3);
});

test('metrics of devices count records and failures, and say which are well; a device that is gone is not told', async () => {
  const bed = await openBed({
    devices: ['one/', 'two/'],
    openAudit: async ({ path: device, type }) => ({
      path: device,
      type,
      write: () => (device === 'two/' ? Promise.reject(new Error('broken')) : Promise.resolve()),
      waiting: () => 7,
      watch: async () => false,
      reopen: async () => undefined,
      close: async () => undefined,
    }),
  });
  const before = await metricsOf(bed);
  assert.deepEqual([...before.keys()].filter(name => name.includes('total')).length, 6);
  const after = await metricsOf(bed);
  const given = (of: ReadonlyMap<string, number>): number => of.get('coffer_audit_records_total{device="one/"}') ?? -1;
  assert.equal(given(after) - given(before), 2);
  assert.equal(after.get('coffer_audit_failures_total{device="one/"}'), 0);
  assert.ok((after.get('coffer_audit_failures_total{device="two/"}') ?? 0) > 0);
  assert.deepEqual(
    ['one/', 'two/'].map(device => after.get(`coffer_audit_device_healthy{device="${device}"}`)),
    [1, 0],
  );
  assert.equal(after.get('coffer_audit_queue_characters{device="one/"}'), 7);
  await bed.core.auditDevices.reconfigure([]);
  assert.deepEqual(
    [...(await metricsOf(bed)).keys()].filter(name => name.includes('device=')),
    [],
  );
});
