/** What a thread that only reads answers by itself, and what it leaves to the one that writes. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openFrontBed, settled } from './bed.ts';

const bed = await openFrontBed({ unauthenticated: true });
const { main, front, handed } = bed;
let [unsealKey = ''] = main.unsealKeys;
after(() => bed.close());
beforeEach(() => void handed.splice(0));

await main.root('POST', 'secret/data/a', { data: { x: '1' } });
await main.root('POST', 'sys/policies/acl/reader', { policy: 'path "secret/data/*" { capabilities = ["read"] }' });
await settled(bed, 'secret/data/a');

const tokenWith = async (body: object): Promise<string> =>
  (await main.root('POST', 'auth/token/create', body)).json.auth.client_token;
const withoutIds = (text: string): string => text.replaceAll(/"request_id":"[^"]*"/g, '');

test('answers reads and lists by itself, as the other would', async () => {
  const reader = await tokenWith({ policies: ['reader'] });
  await settled(bed, 'secret/data/a', { token: reader });
  handed.splice(0);
  for (const [method, target, token] of [
    ['GET', 'secret/data/a', undefined],
    ['GET', 'secret/data/a?version=1', undefined],
    ['LIST', 'secret/metadata/', undefined],
    ['GET', 'secret/metadata/?list=true', undefined],
    ['GET', 'secret/metadata/a', undefined],
    ['GET', 'secret/data/none', undefined],
    ['GET', 'secret/metadata/a', reader],
    ['GET', 'auth/token/lookup-self', reader],
    ['LIST', 'auth/token/accessors', undefined],
  ] as const) {
    const given = token === undefined ? {} : { token };
    const told = await front(method, target, given);
    const other = await main.ask(method, target, { token: token ?? main.rootToken });
    assert.equal(told.status, other.status, target);
    assert.equal(withoutIds(told.text), withoutIds(other.text), target);
    assert.deepEqual(told.headers, other.headers, target);
  }
  assert.deepEqual(handed, []);
});

test('leaves everything else to the other', async () => {
  const limited = await tokenWith({ num_uses: 5 });
  handed.splice(0);
  const asked = [
    ['POST', 'secret/data/a', { body: { data: { x: '1' } } }],
    ['PATCH', 'secret/data/a', { body: { data: { x: '1' } } }],
    ['DELETE', 'secret/data/other', {}],
    ['GET', 'sys/mounts', {}],
    ['GET', 'sys/health', { token: '' }],
    ['GET', 'secret/data/a', { token: limited }],
    ['GET', 'secret/data/a', { headers: { 'x-vault-wrap-ttl': '60' } }],
    ['GET', 'secret/data/a', { headers: { origin: 'https://there.test' } }],
    ['GET', 'secret/data/a?help=true', {}],
    ['GET', 'secret/data/a', { token: 'nobody' }],
    ['GET', 'nowhere/a', {}],
    ['GET', 'secret/nothing/a', {}],
    ['OPTIONS', 'secret/data/a', {}],
  ] as const;
  for (const [method, target, ask] of asked) await front(method, target, ask);
  assert.equal(handed.length, asked.length);
});

test('a token is used once for each request, wherever that comes in', async () => {
  const token = await tokenWith({ policies: ['reader'], num_uses: 4 });
  const statuses: number[] = [];
  for (let use = 0; use < 6; use++) statuses.push((await front('GET', 'secret/data/a', { token })).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 403, 403]);
});

test('what was acknowledged is what is answered', async () => {
  for (let round = 0; round < 50; round++) {
    await main.root('POST', 'secret/data/counted', { data: { round } });
    assert.equal((await front('GET', 'secret/data/counted')).json.data.data.round, round);
    // Once more, as something is kept of the first answer.
    assert.equal((await front('GET', 'secret/data/counted')).json.data.data.round, round);
  }
  await main.root('DELETE', 'secret/metadata/counted');
  assert.equal((await front('GET', 'secret/data/counted')).status, 404);
  assert.ok(!(await front('LIST', 'secret/metadata/')).text.includes('counted'));
});

test('whoever is let in no more is let in no more', async () => {
  const token = await tokenWith({ policies: ['reader'] });
  assert.equal((await settled(bed, 'secret/data/a', { token })).status, 200);
  await main.root('POST', 'sys/policies/acl/reader', { policy: 'path "other/*" { capabilities = ["read"] }' });
  assert.equal((await front('GET', 'secret/data/a', { token })).status, 403);
  assert.equal((await settled(bed, 'secret/data/a', { token })).status, 403);
  await main.root('POST', 'sys/policies/acl/reader', { policy: 'path "secret/*" { capabilities = ["read"] }' });
  assert.equal((await settled(bed, 'secret/data/a', { token })).status, 200);
  await main.root('POST', 'auth/token/revoke', { token });
  assert.equal((await front('GET', 'secret/data/a', { token })).status, 403);
});

test('mounts come, move and go', async () => {
  await main.root('POST', 'sys/mounts/one', { type: 'kv' });
  await main.root('POST', 'one/a', { x: '1' });
  assert.equal((await settled(bed, 'one/a')).json.data.x, '1');
  await main.root('POST', 'sys/remount', { from: 'one', to: 'two' });
  assert.equal((await front('GET', 'one/a')).status, 404);
  assert.equal((await settled(bed, 'two/a')).json.data.x, '1');
  await main.root('DELETE', 'sys/mounts/two');
  assert.equal((await front('GET', 'two/a')).status, 404);
  await main.root('POST', 'sys/mounts/two', { type: 'kv', options: { version: '2' } });
  assert.equal((await front('GET', 'two/data/a')).status, 404);
  await main.root('POST', 'two/data/a', { data: { y: '2' } });
  assert.equal((await settled(bed, 'two/data/a')).json.data.data.y, '2');
});

test('keys are replaced under it', async () => {
  await main.root('POST', 'sys/rotate');
  await main.root('POST', 'secret/data/a', { data: { x: 'under the next key' } });
  assert.equal((await settled(bed, 'secret/data/a')).json.data.data.x, 'under the next key');
});

test('a new root key opens it anew', async () => {
  const begun = await main.ask('POST', 'sys/rekey/init', { body: { secret_shares: 1, secret_threshold: 1 } });
  const update = { nonce: begun.json.nonce, key: main.unsealKeys[0] };
  const done = await main.ask('POST', 'sys/rekey/update', { body: update });
  assert.equal(done.json.complete, true);
  [unsealKey] = done.json.keys_base64;
  await main.root('POST', 'secret/data/a', { data: { x: 'under another root key' } });
  assert.equal((await settled(bed, 'secret/data/a')).json.data.data.x, 'under another root key');
});

test('sealed and opened with the other', async () => {
  await main.core.seal.seal();
  assert.equal(bed.core.seal.sealed, true);
  assert.equal((await front('GET', 'secret/data/a')).status, 503);
  await main.core.seal.submitKey(unsealKey);
  assert.equal(bed.core.seal.sealed, false);
  assert.equal((await settled(bed, 'secret/data/a')).status, 200);
});

test('both records of each answer are on record, ended by the other', async () => {
  main.audited.splice(0);
  await settled(bed, 'secret/data/a', { headers: { 'x-coffer-reason': 'told apart' } });
  const own = main.audited.filter(line => line.includes('told apart')).map(line => JSON.parse(line));
  assert.deepEqual(
    own.slice(-2).map(({ type }) => type),
    ['request', 'response'],
  );
  const [request, response] = own.slice(-2);
  assert.equal(response.chain.sequence, request.chain.sequence + 1);
  assert.ok(!main.audited.join('').includes('under another root key'));
});

test('writes nothing itself', async () => {
  await assert.rejects(bed.store.commit({ id: '0'.repeat(32), writes: [] }), { code: 'internal' });
});
