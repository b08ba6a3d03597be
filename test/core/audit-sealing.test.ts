/** Requests that are under way when the store is sealed: nothing is answered that is on no record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed } from './bed.ts';

test('F3: an answer that is ready only after a sealing has closed the devices does not leave', async () => {
  const bed = await openBed();
  await bed.root('POST', 'secret/data/app', { data: { password: 'canary' } });
  const before = bed.audited.length;
  const device = bed.core.audit.device('test/');
  assert.ok(device);
  // Long answers are hashed over many turns of the event loop, in which the store may be sealed.
  const { format } = device;
  const prepare = format.prepare.bind(format);
  format.prepare = async exchange => {
    if (exchange.operation === 'read') await bed.core.seal.seal();
    await prepare(exchange);
  };
  const told = await bed.root('GET', 'secret/data/app');
  assert.equal(bed.core.seal.sealed, true);
  assert.equal(bed.audited.length, before);
  assert.equal(told.status, 503);
  assert.deepEqual(told.json.errors, ['Vault is sealed']);
  // What works while sealed does so, and the store opens again.
  assert.equal((await bed.ask('GET', 'sys/seal-status')).status, 200);
  assert.equal((await bed.ask('POST', 'sys/unseal', { body: { key: bed.unsealKeys[0] } })).status, 200);
  assert.equal((await bed.root('GET', 'secret/data/app')).status, 200);
});

test('F3: what was carried out before a sealing closed the devices is told as of unknown outcome', async () => {
  const bed = await openBed();
  const device = bed.core.audit.device('test/');
  assert.ok(device);
  const { format } = device;
  format.prepare = () => bed.core.seal.seal();
  const told = await bed.root('POST', 'secret/data/app', { data: {} });
  assert.equal(told.status, 500);
  assert.match(told.json.errors[0], /outcome recorded, unknown to caller/);
});
