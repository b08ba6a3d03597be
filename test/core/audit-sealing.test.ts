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

test('F3: new unseal keys are told whether or not that can be recorded: they are nowhere else, and the old ones open nothing', async () => {
  const bed = await openBed();
  const begun = await bed.root('POST', 'sys/rotate/root/init', { secret_shares: 1, secret_threshold: 1 });
  const device = bed.core.audit.device('test/');
  assert.ok(device);
  const { format } = device;
  const prepare = format.prepare.bind(format);
  format.prepare = async exchange => {
    if (exchange.reply !== undefined) await bed.core.seal.seal();
    await prepare(exchange);
  };
  const update = { nonce: begun.json.data.nonce, key: bed.unsealKeys[0] };
  const told = await bed.root('POST', 'sys/rotate/root/update', update);
  assert.equal(told.status, 200);
  assert.equal(bed.core.seal.sealed, true);
  assert.ok(bed.audited.some(line => line.includes('sys/rotate/root/update') && line.includes('"type":"request"')));
  const [key] = told.json.data.keys_base64;
  assert.equal((await bed.ask('POST', 'sys/unseal', { body: { key: bed.unsealKeys[0] } })).status, 400);
  assert.equal((await bed.ask('POST', 'sys/unseal', { body: { key } })).json.sealed, false);
});

test('F3: where the request cannot be recorded no key is replaced', async () => {
  let isFull = false;
  const bed = await openBed({
    sink: {
      write: async () => {
        if (isFull) throw new Error('no space');
      },
    },
  });
  const begun = await bed.root('POST', 'sys/rotate/root/init', { secret_shares: 1, secret_threshold: 1 });
  isFull = true;
  const update = { nonce: begun.json.data.nonce, key: bed.unsealKeys[0] };
  assert.equal((await bed.root('POST', 'sys/rotate/root/update', update)).status, 500);
  isFull = false;
  await bed.core.seal.seal();
  assert.equal((await bed.ask('POST', 'sys/unseal', { body: { key: bed.unsealKeys[0] } })).json.sealed, false);
});
