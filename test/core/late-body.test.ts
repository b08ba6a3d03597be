/** A body may take as long as its sender likes: what was found of the caller before it came is asked again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bed, openBed } from './bed.ts';

const writer = 'path "secret/data/*" { capabilities = ["create", "update"] }';

const openWriter = async (token: object = {}) => {
  const bed = await openBed();
  await bed.root('PUT', 'sys/policies/acl/writer', { policy: writer });
  const made = await bed.root('POST', 'auth/token/create', { policies: ['writer'], ...token });
  return { bed, token: made.json.auth.client_token as string, accessor: made.json.auth.accessor as string };
};

/** A write that has been begun and whose body is still to come. */
const begin = (bed: Bed, token: string) => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const told = bed.ask('POST', 'secret/data/late', { token, late: promise });
  return { told, arrive: () => resolve(new TextEncoder().encode('{"data":{"x":1}}')) };
};

test('a token that was revoked while the body came writes nothing, and audit names it', async () => {
  const { bed, token, accessor } = await openWriter();
  const slow = begin(bed, token);
  assert.equal((await bed.root('POST', 'auth/token/revoke', { token })).status, 204);
  slow.arrive();
  const { status, text } = await slow.told;
  assert.deepEqual([status, text], [403, '{"errors":["permission denied"]}']);
  assert.equal((await bed.root('GET', 'secret/data/late')).status, 404);
  const refused = bed.audited.map(line => JSON.parse(line)).find(line => line.error === 'permission denied');
  const hashed = await bed.root('POST', 'sys/audit-hash/test', { input: accessor });
  assert.equal(refused.request.client_token_accessor, hashed.json.data.hash);
});

test('a token whose parent was revoked, or whose time ran out, while the body came writes nothing', async () => {
  const { bed, token } = await openWriter({ policies: ['root'] });
  const child = await bed.ask('POST', 'auth/token/create', { token, body: { policies: ['root'] } });
  const batch = await bed.ask('POST', 'auth/token/create', { token, body: { policies: ['writer'], type: 'batch' } });
  const brief = await bed.root('POST', 'auth/token/create', { policies: ['root'], ttl: '30s' });
  const all = [child, batch, brief].map(made => begin(bed, made.json.auth.client_token));
  await bed.root('POST', 'auth/token/revoke', { token });
  bed.clock.nowMs += 31_000;
  for (const { arrive } of all) arrive();
  assert.deepEqual(await Promise.all(all.map(async ({ told }) => (await told).status)), [403, 403, 403]);
});

test('a right that was taken away while the body came is gone, and one that was given counts', async () => {
  const { bed, token } = await openWriter();
  const slow = begin(bed, token);
  await bed.root('PUT', 'sys/policies/acl/writer', { policy: 'path "secret/*" { capabilities = ["deny"] }' });
  const given = begin(bed, token);
  slow.arrive();
  assert.equal((await slow.told).status, 403);
  await bed.root('PUT', 'sys/policies/acl/writer', { policy: writer });
  given.arrive();
  assert.equal((await given.told).status, 200);
});

test('asking again counts no use, and the last use serves also where its body is late', async () => {
  const { bed, token, accessor } = await openWriter({ num_uses: 2 });
  const first = begin(bed, token);
  first.arrive();
  assert.equal((await first.told).status, 200);
  const left = await bed.root('POST', 'auth/token/lookup-accessor', { accessor });
  assert.equal(left.json.data.num_uses, 1);
  const last = begin(bed, token);
  last.arrive();
  assert.equal((await last.told).status, 200);
  assert.equal((await bed.root('POST', 'auth/token/lookup-accessor', { accessor })).status, 400);
});

test('a use that was counted is not lost because another request takes the last one, but by a revocation it is', async () => {
  for (const [revoked, status] of [
    [false, 200],
    [true, 403],
  ] as const) {
    const { bed, token, accessor } = await openWriter({ num_uses: 2 });
    const slow = begin(bed, token);
    await new Promise(done => setImmediate(done));
    assert.equal((await bed.ask('POST', 'secret/data/b', { token, body: { data: {} } })).status, 200);
    assert.equal((await bed.ask('POST', 'secret/data/b', { token, body: { data: {} } })).status, 403);
    if (revoked) await bed.core.revocation.revoke(accessor);
    slow.arrive();
    assert.equal((await slow.told).status, status);
    assert.equal((await bed.root('POST', 'auth/token/lookup-accessor', { accessor })).status, 400);
    const kept = await bed.root('LIST', 'auth/token/accessors');
    assert.equal(kept.json.data.keys.includes(accessor), false);
  }
});

test('where the body was there at once nothing is asked twice', async () => {
  const { bed, token } = await openWriter();
  let asked = 0;
  Object.assign(bed.core.tokens, { admitted: () => void asked++ });
  assert.equal((await bed.ask('POST', 'secret/data/a', { token, body: { data: {} } })).status, 200);
  assert.equal((await bed.root('GET', 'secret/data/a')).status, 200);
  assert.equal(asked, 0);
});
