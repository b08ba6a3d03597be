/** `sys/internal/counters`, and what is refused by design: entities, requests, `sys/pprof`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteRefused } from '../../coverage/observe.ts';
import { openBed } from '../bed.ts';
import { tokenWith } from '../places.ts';

test('service tokens are counted, batch tokens are not', async () => {
  const bed = await openBed();
  await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  await bed.root('POST', 'auth/token/create', { policies: ['default'], type: 'batch' });
  const counted = async (): Promise<number> => {
    const { data } = (await bed.root('GET', 'sys/internal/counters/tokens')).json;
    assert.deepEqual(data, { counters: { service_tokens: { total: data.counters.service_tokens.total } } });
    return data.counters.service_tokens.total;
  };
  assert.equal(await counted(), 2);
  await bed.root('POST', 'auth/token/create', { policies: ['default'] });
  assert.equal(await counted(), 2);
  await bed.clock.advance(600_000);
  await counted();
  await bed.clock.advance(0);
  assert.equal(await counted(), 3);
});

const refused: readonly (readonly [path: string, status: number, message: RegExp])[] = [
  ['internal/counters/entities', 405, /^there are no entities to count: identities are not part of this version$/],
  ['internal/counters/requests', 404, /^The functionality has been removed on this path: sys\/metrics counts requests/],
];

test('what this store does not know is not counted as nothing', async () => {
  const bed = await openBed();
  for (const [path, status, message] of refused) {
    const told = await bed.root('GET', `sys/${path}`);
    assert.equal(told.status, status, path);
    assert.match(told.json.errors[0], message);
    noteRefused({ method: 'GET', target: `/v1/sys/${path}` });
  }
});

const profiles = [
  '',
  '/allocs',
  '/block',
  '/cmdline',
  '/goroutine',
  '/heap',
  '/mutex',
  '/profile',
  '/symbol',
  '/threadcreate',
  '/trace',
];

test('no caller makes the server profile itself; each is told what to look at', async () => {
  const bed = await openBed();
  const token = await tokenWith(bed, 'path "secret/*" { capabilities = ["read"] }');
  for (const profile of profiles) {
    const told = await bed.root('GET', `sys/pprof${profile}?seconds=30`);
    assert.equal(told.status, 405, profile);
    assert.deepEqual(told.json.errors, [
      'profiles are not taken over the network: see sys/metrics, sys/in-flight-req and sys/host-info',
    ]);
    assert.equal((await bed.ask('GET', `sys/pprof${profile}`, { token })).status, 403);
    assert.equal((await bed.ask('GET', `sys/pprof${profile}`)).status, 403);
    noteRefused({ method: 'GET', target: `/v1/sys/pprof${profile}` });
  }
});
