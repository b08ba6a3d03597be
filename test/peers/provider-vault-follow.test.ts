/** The provider `vault` follows a real store: told as it changes, through restarts, with no more rights than it was given. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeTransport } from '@coffer/client/node.ts';
import { systemRuntime } from '@coffer/client/runtime.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { realClock } from '@coffer/server/platform/clock/real.ts';
import { VaultProvider } from '@coffer/server/providers/vault/provider.ts';
import type { VaultSettings } from '@coffer/server/providers/vault/settings.ts';
import { lineLog } from '../providers/fake-vault.ts';
import { type Api, apiOf } from './calls.ts';
import { type Relay, relayTo } from './relay.ts';
import { type ServerProcess, startFreshServer } from './server.ts';

let server: ServerProcess;
let api: Api;
let relay: Relay;
let unsealKey = '';
const lines: string[] = [];

before(async () => {
  server = await startFreshServer();
  api = apiOf(server.address);
  const made = await api.call('PUT', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 } });
  unsealKey = made.keys[0];
  await api.call('PUT', 'sys/unseal', { body: { key: unsealKey } });
  api.token = made.root_token;
  for (const version of ['1', '2'])
    await api.call('POST', `sys/mounts/kv${version}`, { body: { type: 'kv', options: { version } }, status: 204 });
  relay = await relayTo(server.address);
});

after(async () => {
  await relay.cut();
  await server.stop();
  assert.doesNotMatch(lines.join('\n'), /canary|co?f?s\.[A-Za-z0-9]{20}/);
});

const put = (path: string, data: unknown = { password: 'canary' }): Promise<unknown> =>
  api.call('POST', `kv2/data/${path}`, { body: { data } });

const providerOf = (token: string, changes: Partial<VaultSettings> = {}): VaultProvider =>
  new VaultProvider(
    {
      server: relay.address,
      path: 'kv2',
      version: 'v2',
      auth: { method: 'token', token: Secret.of(token) },
      ...changes,
    },
    { runtime: systemRuntime(nodeTransport()), clock: realClock(), log: lineLog(lines) },
  );

const tokenWith = async (policy: string): Promise<string> => {
  await api.call('PUT', 'sys/policies/acl/following', { body: { policy }, status: 204 });
  const made = await api.call('POST', 'auth/token/create', { body: { policies: ['following'] } });
  return made.auth.client_token;
};

const rights = `path "sys/events/subscribe/kv*" { capabilities = ["read"] }
path "kv2/*" { capabilities = ["read", "list", "subscribe"] subscribe_event_types = ["kv-v2/*"] }
path "kv2/data/private/*" { capabilities = ["read"] }`;

interface Following {
  readonly heard: string[];
  /** Resolves once so many were heard, after those that were there. */
  until(count: number): Promise<readonly string[]>;
  end(): Promise<boolean>;
}

const following = (provider: VaultProvider): Following => {
  const heard: string[] = [];
  const stop = new AbortController();
  const changed = ({ key }: { readonly key: string }): void => void heard.push(key);
  const ended = provider.follow({ signal: stop.signal, changed, missed: () => heard.push('missed') });
  const until = async (count: number): Promise<readonly string[]> => {
    for (let turn = 0; heard.length < count && turn < 1000; turn += 1) await pause(20);
    return heard;
  };
  const end = (): Promise<boolean> => {
    stop.abort();
    return ended;
  };
  return { heard, until, end };
};

test('every kind of change is told by the key of its secret, and nothing else is', async () => {
  const provider = providerOf(await tokenWith(rights));
  const stream = following(provider);
  assert.deepEqual(await stream.until(1), ['missed']);
  await put('private/app');
  await api.call('POST', 'kv1/app', { body: { password: 'canary' }, status: 204 });
  await put('team/app');
  await api.call('PATCH', 'kv2/data/team/app', { body: { data: { user: 'u' } } });
  await api.call('DELETE', 'kv2/data/team/app', { status: 204 });
  await api.call('PUT', 'kv2/undelete/team/app', { body: { versions: [2] }, status: 204 });
  await api.call('PUT', 'kv2/delete/team/app', { body: { versions: [1] }, status: 204 });
  await api.call('PUT', 'kv2/destroy/team/app', { body: { versions: [1] }, status: 204 });
  await api.call('POST', 'kv2/metadata/team/app', { body: { max_versions: 3 }, status: 204 });
  await api.call('POST', 'kv2/config', { body: { max_versions: 5 }, status: 204 });
  await api.call('DELETE', 'kv2/metadata/team/app', { status: 204 });
  await put('last');
  const key = provider.changeKey({ key: 'team/app' });
  assert.deepEqual(await stream.until(10), ['missed', ...Array.from({ length: 8 }, () => key), 'kv2/last']);
  assert.equal(await stream.end(), true);
});

test('a store of version 1 is followed as well', async () => {
  const provider = providerOf(api.token ?? '', { path: 'kv1', version: 'v1' });
  const stream = following(provider);
  await stream.until(1);
  await api.call('POST', 'kv1/team/app', { body: { password: 'canary' }, status: 204 });
  await api.call('DELETE', 'kv1/team/app', { status: 204 });
  assert.deepEqual(await stream.until(3), ['missed', 'kv1/team/app', 'kv1/team/app']);
  assert.equal(provider.changeKey({ key: 'team/app' }), 'kv1/team/app');
  await stream.end();
});

test('a read that answers a change sees it, however many come', async () => {
  const provider = providerOf(await tokenWith(rights));
  const stop = new AbortController();
  const seen = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let newest = 0;
  const changed = async (): Promise<void> => {
    const [least, read] = [newest, await provider.read({ key: 'counter', property: 'n' })];
    assert.ok(Number(read?.revealText()) >= least, 'older than the change that was told before');
    newest = Math.max(newest, Number(read?.revealText()));
    if (newest === 50) seen.resolve();
  };
  const ended = provider.follow({
    signal: stop.signal,
    changed: () => void changed().catch(seen.reject),
    missed: begun.resolve,
  });
  await begun.promise;
  for (let n = 1; n <= 50; n += 1) await put('counter', { n });
  await seen.promise;
  stop.abort();
  assert.equal(await ended, true);
});

test('what happened while the store was away, or restarted, is told when it is back', { timeout: 60_000 }, async () => {
  const stream = following(providerOf(await tokenWith(rights)));
  await stream.until(1);
  await put('before');
  await stream.until(2);
  await relay.cut();
  await put('away');
  await server.stop();
  server = await startFreshServer(server.folder);
  const { token } = api;
  api = apiOf(server.address, token);
  await relay.join(server.address);
  await api.call('PUT', 'sys/unseal', { body: { key: unsealKey } });
  await put('after');
  assert.deepEqual(await stream.until(4), ['missed', 'kv2/before', 'kv2/away', 'kv2/after']);
  assert.equal(await stream.end(), true);
});

test('a token without the right is told so, and one that is revoked ends the stream', async () => {
  const refused = following(providerOf(await tokenWith('path "kv2/*" { capabilities = ["read"] }')));
  lines.length = 0;
  for (let turn = 0; lines.length === 0 && turn < 500; turn += 1) await pause(10);
  assert.match(lines[0] ?? '', /may not be followed.*sys\/events\/subscribe\/kv-v2/);
  assert.equal(await refused.end(), false);
  const token = await tokenWith(rights);
  const stop = new AbortController();
  const begun = Promise.withResolvers<void>();
  const ended = providerOf(token).follow({ signal: stop.signal, changed: () => undefined, missed: begun.resolve });
  await begun.promise;
  await api.call('POST', 'auth/token/revoke', { body: { token }, status: 204 });
  assert.equal(await ended, false);
  assert.match(lines.at(-1) ?? '', /expired or revoked/);
});
