/** `sys/internal/inspect`: off unless the configuration says so, for callers with sudo alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed } from '../bed.ts';
import { tokenWith } from '../places.ts';

const place = 'sys/internal/inspect';

test('it is off, and says what turns it on, to callers who may ask', async () => {
  const bed = await openBed();
  for (const path of [`${place}/request`, `${place}/router/root`, `${place}/router/nothing`]) {
    const told = await bed.root('GET', path);
    assert.deepEqual([told.status, /introspection_endpoint/.test(told.text)], [404, true]);
    assert.deepEqual((await bed.ask('GET', path)).json.errors, ['permission denied']);
  }
});

test('the mounts are shown as they are found, one table for each tag', async () => {
  const bed = await openBed({ introspection: true });
  await bed.root('POST', 'sys/mounts/team/kv', { type: 'kv' });
  const { accessor } = (await bed.root('GET', 'sys/mounts/team/kv')).json.data;
  const entries = async (tag: string) => (await bed.root('GET', `${place}/router/${tag}`)).json.data[tag];
  for (const tag of ['root', 'storage', 'uuid', 'accessor']) {
    const all = await entries(tag);
    assert.deepEqual(
      all.map((one: { mount_path: string }) => one.mount_path),
      ['token/', 'cubbyhole/', 'secret/', 'sys/', 'team/kv/'],
    );
    const { uuid, storage_prefix, ...rest } = all.at(-1);
    const more = tag === 'root' || tag === 'storage' ? { tainted: false } : {};
    assert.deepEqual(rest, { accessor, mount_namespace: '', mount_path: 'team/kv/', mount_type: 'kv', ...more });
    assert.equal(storage_prefix, 'tainted' in more ? `1/root/${uuid}/` : undefined);
  }
  await bed.root('POST', 'team/kv/a', { b: 'c' });
  const [kv] = (await entries('storage')).slice(-1);
  assert.equal((await bed.storage.range(kv.storage_prefix, { limit: 10, values: false })).length, 1);
  for (const tag of ['other', '__proto__', 'constructor', 'ROOT']) {
    const told = await bed.root('GET', `${place}/router/${tag}`);
    assert.deepEqual([told.status, told.json.errors], [400, ['tag: expected root, storage, uuid, accessor']]);
  }
});

test('S11: what arrives of a request is shown without its token', async () => {
  const bed = await openBed({ introspection: true });
  const told = await bed.ask('GET', `${place}/request`, { token: bed.rootToken, address: '10.1.2.3' });
  const { accessor } = (await bed.root('GET', 'auth/token/lookup-self')).json.data;
  assert.deepEqual(told.json.data, {
    id: told.json.request_id,
    operation: 'read',
    path: `${place}/request`,
    mount_point: 'sys/',
    mount_type: 'system',
    namespace: { id: 'root', path: '' },
    remote_address: '10.1.2.3',
    remote_port: 1234,
    client_token_accessor: accessor,
    display_name: 'root',
  });
  assert.equal(told.text.includes(bed.rootToken), false);
});

test('it needs sudo', async () => {
  const bed = await openBed({ introspection: true });
  const reader = await tokenWith(bed, `path "${place}/*" { capabilities = ["read"] }`);
  const sudoer = await tokenWith(bed, `path "${place}/*" { capabilities = ["read", "sudo"] }`);
  for (const path of ['request', 'router/uuid']) {
    assert.equal((await bed.ask('GET', `${place}/${path}`, { token: reader })).status, 403);
    assert.equal((await bed.ask('GET', `${place}/${path}`, { token: sudoer })).status, 200);
  }
});
