import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRuntime } from '@coffer/client/runtime.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { personOf } from './person.ts';
import { personTls } from './person-tls.ts';

const personAt = async (environment: { readonly [name: string]: string }, server: string) => {
  const at = await personOf(new Map(Object.entries({ HOME: '/nonexistent', ...environment })), systemRuntime());
  const auth = { method: 'token', token: Secret.of('x') } as const;
  return at({ server, version: 'v2', auth });
};

test('a token goes only to the address that the environment names', async () => {
  const own = { COFFER_ADDR: 'https://store:8200', COFFER_TOKEN: 'canary' };
  assert.notEqual(await personAt(own, 'https://store:8200/'), undefined);
  assert.notEqual(
    await personAt({ VAULT_ADDR: 'https://store:8200', VAULT_TOKEN: 'canary' }, 'https://store:8200'),
    undefined,
  );
  for (const server of [
    'https://store:8201',
    'http://store:8200',
    'https://store.evil:8200',
    'https://store:8200@evil',
    'nonsense',
  ])
    assert.equal(await personAt(own, server), undefined, server);
  assert.equal(await personAt({ COFFER_TOKEN: 'canary' }, 'https://store:8200'), undefined);
  assert.equal(await personAt({ COFFER_ADDR: 'https://store:8200' }, 'https://store:8200'), undefined);
});

test('who the store is, is told by the environment', async () => {
  const named = { CACERT: import.meta.filename, CACERT_BYTES: 'PEM', TLS_SERVER_NAME: 'store', SKIP_VERIFY: 'true' };
  const tls = await personTls(new Map(Object.entries(named).map(([name, value]) => [`COFFER_${name}`, value])));
  assert.deepEqual([tls.authorities?.length, tls.serverName, tls.skipVerify], [2, 'store', true]);
  assert.deepEqual(await personTls(new Map()), { skipVerify: false });
  await assert.rejects(personTls(new Map([['VAULT_CACERT', '/nowhere/at/all']])), { code: 'usage' });
});
