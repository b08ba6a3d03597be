/** `sys/metrics`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from '../bed.ts';
import { tokenWith } from '../places.ts';

const scraped = async (bed: Bed): Promise<string> => {
  const told = await bed.root('GET', 'sys/metrics?format=prometheus');
  assert.equal(told.status, 200);
  assert.equal(told.headers.get('Content-Type'), 'text/plain; version=0.0.4; charset=utf-8');
  return told.text;
};
const line =
  /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})? -?[0-9.e+-]+)$/;

test('requests are counted, and shown to scrapers', async () => {
  const bed = await openBed();
  await bed.root('POST', 'secret/data/app', { data: { a: 1 } });
  await bed.root('POST', 'secret/data/app', { data: { a: 2 } });
  await bed.root('GET', 'secret/data/none');
  await bed.ask('GET', 'nowhere/x');
  await bed.ask('GET', 'sys/seal-status?x=1');
  const text = await scraped(bed);
  for (const one of text.trimEnd().split('\n')) assert.match(one, line);
  for (const wanted of [
    'coffer_requests_total{mount="secret/",operation="create",status="2xx"} 1',
    'coffer_requests_total{mount="secret/",operation="update",status="2xx"} 1',
    'coffer_requests_total{mount="secret/",operation="read",status="4xx"} 1',
    'coffer_requests_total{mount="none",operation="read",status="4xx"} 1',
    'coffer_requests_total{mount="sys/",operation="read",status="2xx"} 1',
    'coffer_request_duration_seconds_count 5',
    'coffer_request_duration_seconds_bucket{le="+Inf"} 5',
    'vault_core_handle_request_count 5',
    'vault_core_unsealed 1',
    'vault_core_mount_table_num_entries{type="auth",local="false"} 1',
    'vault_runtime_sys_bytes 1000',
    'process_cpu_seconds_total 1.5',
    'process_start_time_seconds 1767225600',
  ])
    assert.ok(text.includes(`${wanted}\n`), wanted);
  assert.match(await scraped(bed), /^coffer_requests_total\{mount="sys\/",operation="read",status="2xx"\} 2$/m);
});

test('without a format it is JSON, unless the scraper asks by its header', async () => {
  const bed = await openBed();
  await bed.root('GET', 'secret/data/none');
  const { json } = await bed.root('GET', 'sys/metrics');
  assert.equal(json.Timestamp, '2026-01-01 00:00:00 +0000 UTC');
  assert.deepEqual(json.Points, []);
  const found = (list: 'Gauges' | 'Counters' | 'Samples', name: string) =>
    json[list].find((one: { readonly Name: string }) => one.Name === name);
  assert.deepEqual(found('Gauges', 'vault.core.unsealed'), { Name: 'vault.core.unsealed', Value: 1, Labels: {} });
  assert.deepEqual(found('Counters', 'coffer.requests.total'), {
    Name: 'coffer.requests.total',
    Count: 1,
    Sum: 1,
    Labels: { mount: 'secret/', operation: 'read', status: '4xx' },
  });
  assert.equal(found('Samples', 'vault.core.handle_request').Count, 1);
  for (const accept of ['application/openmetrics-text;version=1.0.0', 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1']) {
    const told = await bed.ask('GET', 'sys/metrics', { token: bed.rootToken, headers: { accept } });
    assert.match(told.text, /^# HELP coffer_build_info /);
  }
});

test('S11: nothing that a caller sends becomes a label, a name or a line', async () => {
  const bed = await openBed();
  const odd = 'canary%22%0a%7d';
  for (const path of [`secret/data/${odd}`, `${odd}/x`, `sys/${odd}`, `secret/data/x?canary=${odd}`, odd]) {
    await bed.ask('GET', path, { token: 'canary', headers: { 'user-agent': 'canary', 'x-vault-namespace': 'canary' } });
    await bed.root('CANARY', path);
    await bed.root('POST', path, { data: { canary: 'canary' } });
  }
  // What is counted for the first time is a line more.
  await bed.ask('GET', 'stranger/x');
  await scraped(bed);
  const before = (await scraped(bed)).split('\n').length;
  assert.ok(!(await scraped(bed)).includes('canary'));
  for (let index = 0; index < 50; index++) await bed.ask('GET', `stranger-${index}/x`);
  assert.equal((await scraped(bed)).split('\n').length, before);
});

test('the name of a mount cannot break a line', async () => {
  const bed = await openBed();
  assert.equal((await bed.root('POST', 'sys/mounts/a%22b%5C', { type: 'kv' })).status, 204);
  await bed.root('GET', 'a%22b%5C/x');
  assert.ok((await scraped(bed)).includes('mount="a\\"b\\\\/"'));
  await bed.root('DELETE', 'sys/mounts/a%22b%5C');
  assert.ok(!(await scraped(bed)).includes('a\\"b'));
});

test('an unknown format, a token without rights and a sealed store are refused', async () => {
  const bed = await openBed();
  for (const format of ['json', 'PROMETHEUS', 'prometheus,prometheus']) {
    const { status, json } = await bed.root('GET', `sys/metrics?format=${format}`);
    assert.equal(status, 400);
    assert.match(json.errors[0], /^metric response format unknown/);
  }
  assert.equal((await bed.root('POST', 'sys/metrics', {})).status, 405);
  assert.equal((await bed.ask('GET', 'sys/metrics')).status, 403);
  const other = await tokenWith(bed, 'path "secret/*" { capabilities = ["read"] }');
  assert.equal((await bed.ask('GET', 'sys/metrics', { token: other })).status, 403);
  const reader = await tokenWith(bed, 'path "sys/metrics" { capabilities = ["read"] }');
  assert.equal((await bed.ask('GET', 'sys/metrics', { token: reader })).status, 200);
  await bed.root('PUT', 'sys/seal');
  assert.equal((await bed.root('GET', 'sys/metrics')).status, 503);
});
