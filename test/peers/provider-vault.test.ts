/** The provider `vault` against real servers: everything it may meet there, and nothing of it taken for absence. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nodeTransport } from '@coffer/client/node.ts';
import { systemRuntime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { VaultProvider } from '@coffer/server/providers/vault/provider.ts';
import type { VaultSettings } from '@coffer/server/providers/vault/settings.ts';
import { realClock } from '@coffer/server/platform/clock/real.ts';
import { providerConformance } from '../conformance/provider.ts';
import { lineLog } from '../providers/fake-vault.ts';
import { type Api, apiOf } from './calls.ts';
import { type Relay, relayTo } from './relay.ts';
import { type ServerProcess, startDevServer } from './server.ts';

let server: ServerProcess;
let api: Api;
let relay: Relay;
const lines: string[] = [];

before(async () => {
  server = await startDevServer();
  relay = await relayTo(server.address);
  api = apiOf(server.address, 'root');
  await api.call('POST', 'sys/mounts/plain', { body: { type: 'kv', options: { version: '1' } }, status: 204 });
  await policy(
    'reader',
    'path "secret/data/*" { capabilities = ["read"] }\npath "plain/*" { capabilities = ["read"] }',
  );
});

after(async () => {
  await relay.cut();
  await server.stop();
});

const policy = (name: string, text: string): Promise<unknown> =>
  api.call('PUT', `sys/policies/acl/${name}`, { body: { policy: text }, status: 204 });

const tokenFor = async (...policies: readonly string[]): Promise<string> => {
  const made = await api.call('POST', 'auth/token/create', { body: { policies } });
  return made.auth.client_token;
};

const providerOf = (token: string, changes: Partial<VaultSettings> = {}): VaultProvider =>
  new VaultProvider(
    {
      server: server.address,
      path: 'secret',
      version: 'v2',
      auth: { method: 'token', token: Secret.of(token) },
      retries: 0,
      ...changes,
    },
    { runtime: systemRuntime(nodeTransport()), clock: realClock(), log: lineLog(lines) },
  );

const put = (key: string, data: unknown): Promise<unknown> =>
  api.call('POST', `secret/data/${key}`, { body: { data } });

const code = (wanted: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CofferError);
  assert.equal(error.code, wanted, error.message);
  assert.match(error.message, words);
  assert.doesNotMatch(`${error.message} ${error.stack}`, /canary|co?f?s\.[A-Za-z0-9]{20}/);
  return true;
};

const raw = async (target: string, json: string): Promise<void> => {
  const headers = { 'X-Vault-Token': 'root' };
  const answer = await fetch(`${server.address}/v1/${target}`, { method: 'POST', headers, body: json });
  assert.ok(answer.ok, `${target}: ${answer.status}`);
};

interface Place {
  readonly version: 'v1' | 'v2';
  /** `secret` */
  readonly mount: string;
  /** `secret/data` */
  readonly folder: string;
}

const allow = ({ folder }: Place): Promise<unknown> =>
  policy('conform', `path "${folder}/*" { capabilities = ["read"] }`);
const write = ({ version, folder }: Place, json: string): Promise<void> =>
  raw(`${folder}/team/app`, version === 'v2' ? `{"data":${json}}` : json);
const mount = (place: Place): Promise<unknown> =>
  api.call('POST', `sys/mounts/${place.mount}`, {
    body: { type: 'kv', options: { version: place.version.slice(1) } },
    status: 204,
  });

const unsealKey = (): string => /Unseal Key: (\S+)/.exec(server.said())?.[1] ?? assert.fail('no unseal key');

/** How it fails, and how it is mended. */
const failings = new Map<string, { readonly code: string; readonly fail: Act; readonly mend: Act }>([
  [
    'a sealed store',
    {
      code: 'sealed',
      fail: () => api.call('PUT', 'sys/seal', { status: 204 }),
      mend: () => api.call('PUT', 'sys/unseal', { body: { key: unsealKey() } }),
    },
  ],
  ['a denied path', { code: 'permission_denied', fail: () => policy('conform', '# nothing is allowed'), mend: allow }],
  [
    'a mount that is gone',
    {
      code: 'no_mount',
      fail: place => api.call('DELETE', `sys/mounts/${place.mount}`, { status: 204 }),
      mend: async (place, json) => {
        await mount(place);
        await write(place, json);
      },
    },
  ],
  ['a broken network', { code: 'unreachable', fail: () => relay.cut(), mend: () => relay.join() }],
]);
type Act = (place: Place, json: string) => Promise<unknown>;

const conform = (place: Place): void =>
  providerConformance(`vault, a real store ${place.version}`, {
    key: 'team/app',
    absentKey: 'team/gone',
    faults: new Map([...failings].map(([name, failing]) => [name, failing.code])),
    open: async json => {
      await write(place, json);
      await allow(place);
      const token = await tokenFor('conform');
      const { mount: path, version } = place;
      const provider = providerOf(token, { path, version, server: relay.address });
      const fail = async (fault: string) => {
        const failing = failings.get(fault) ?? assert.fail(fault);
        await failing.fail(place, json);
        return async (): Promise<void> => void (await failing.mend(place, json));
      };
      return { provider, canaries: [token], fail };
    },
  });

conform({ version: 'v2', mount: 'secret', folder: 'secret/data' });
conform({ version: 'v1', mount: 'plain', folder: 'plain' });

test('what was deleted or destroyed is absent, what is undeleted is back; older versions stay readable', async () => {
  const provider = providerOf(await tokenFor('reader'));
  const at = async (version?: string) =>
    (await provider.read({ key: 'life', property: 'n', ...(version === undefined ? {} : { version }) }))?.revealText();
  assert.equal(await at(), undefined);
  await put('life', { n: 1 });
  await put('life', { n: 2 });
  assert.deepEqual([await at(), await at('1'), await at('2'), await at('3')], ['2', '1', '2', undefined]);
  await api.call('DELETE', 'secret/data/life', { status: 204 });
  assert.deepEqual([await at(), await at('1')], [undefined, '1']);
  await api.call('PUT', 'secret/undelete/life', { body: { versions: [2] }, status: 204 });
  assert.equal(await at(), '2');
  await api.call('PUT', 'secret/destroy/life', { body: { versions: [2] }, status: 204 });
  assert.deepEqual([await at(), await at('1')], [undefined, '1']);
  await api.call('DELETE', 'secret/metadata/life', { status: 204 });
  assert.deepEqual([await at(), await at('1')], [undefined, undefined]);
});

test('a version set up wrong is no absence', async () => {
  const token = await tokenFor('reader', 'root');
  await assert.rejects(
    providerOf('root', { path: 'plain' }).read({ key: 'gone' }),
    code('no_mount', /plain\/ is v1, and the store is set up for v2: set spec.provider.vault.version to v1/),
  );
  await assert.rejects(providerOf('root', { version: 'v1' }).read({ key: 'gone' }), code('no_mount', /secret\/gone/));
  await assert.rejects(
    providerOf(token, { path: 'cubbyhole' }).read({ key: 'gone' }),
    code('no_mount', /cubbyhole\/ is v1/),
  );
});

test('the mount may be part of the key, and keys may need escapes', async () => {
  const provider = providerOf('root', { path: undefined });
  await put(`odd/${encodeURIComponent('key with%20 ü?#')}`, { n: 1 });
  for (const key of ['secret/odd/key with%20 ü?#', 'secret/data/odd/key with%20 ü?#'])
    assert.equal((await provider.read({ key, property: 'n' }))?.revealText(), '1', key);
  await assert.rejects(provider.read({ key: 'nowhere/app' }), code('no_mount', /make the mount/));
  await assert.rejects(provider.read({ key: 'secret/../sys/mounts' }), code('usage', /segment/));
});

test('a token that was revoked, was never one, or is of another right', async () => {
  const token = await tokenFor('reader');
  const provider = providerOf(token);
  await provider.check();
  await assert.rejects(
    provider.read({ key: 'x', metadataPolicy: 'Fetch' }),
    code('permission_denied', /secret\/metadata\/x/),
  );
  await api.call('POST', 'auth/token/revoke', { body: { token }, status: 204 });
  await assert.rejects(provider.read({ key: 'team/app' }), code('bad_token', /expired or revoked/));
  await assert.rejects(provider.check(), code('bad_token', /expired or revoked/));
  await assert.rejects(providerOf('canary-no-token').check(), code('bad_token', /tokenSecretRef/));
  await assert.rejects(providerOf('').check(), code('bad_token', /tokenSecretRef/));
});

test('metadata of a real store', async () => {
  await put('meta', { n: 1 });
  await api.call('POST', 'secret/metadata/meta', { body: { custom_metadata: { owner: 'shop' } }, status: 204 });
  const all = await providerOf('root').readAll({ key: 'meta', metadataPolicy: 'Fetch' });
  assert.deepEqual(
    [...(all ?? [])].map(([name]) => name),
    ['created_time', 'current_version', 'delete_version_after', 'owner'],
  );
  assert.equal(all?.get('owner')?.revealText(), 'shop');
});

test('what answers there is no store', async () => {
  await assert.rejects(providerOf('root', { server: 'https://127.0.0.1:1' }).check(), code('unreachable', /refused/));
  await assert.rejects(
    providerOf('root', { server: `${server.address}/elsewhere` }).check(),
    code('no_mount', /answered 404/),
  );
  const tls = server.address.replace('http:', 'https:');
  await assert.rejects(providerOf('root', { server: tls }).check(), code('unreachable', /cannot look up the token/));
});
