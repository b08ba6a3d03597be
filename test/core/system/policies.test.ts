/** `sys/policies/acl` beyond the everyday: names with slashes, lists below a prefix, lists with texts, changes in part. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../../packages/server/src/platform/memory/store.ts';
import { type Bed, openBed } from '../bed.ts';
import { dying } from '../dying.ts';
import { tokenWith } from '../places.ts';

const place = 'sys/policies/acl';
const text = 'path "a" { capabilities = ["read"] }';
const other = 'path "b" { capabilities = ["list"] }';

const withPolicies = async (...names: readonly string[]): Promise<Bed> => {
  const bed = await openBed();
  for (const name of names)
    assert.equal((await bed.root('POST', `${place}/${name}`, { policy: text })).status, 204, name);
  return bed;
};

test('names may have parts, and policies with such names work', async () => {
  const bed = await withPolicies('team/App/reader');
  assert.equal((await bed.root('GET', `${place}/team/app/reader`)).json.data.name, 'team/app/reader');
  assert.equal((await bed.root('GET', 'sys/policy/team/app/reader')).json.data.rules, text);
  await bed.root('POST', `${place}/secret/reader`, { policy: 'path "secret/*" { capabilities = ["read"] }' });
  const token = (await bed.root('POST', 'auth/token/create', { policies: ['secret/reader'] })).json.auth.client_token;
  assert.equal((await bed.ask('GET', 'secret/data/none', { token })).status, 404);
  assert.equal((await bed.root('DELETE', `${place}/secret/reader`)).status, 204);
  assert.equal((await bed.ask('GET', 'secret/data/none', { token })).status, 403);
  assert.equal((await bed.root('GET', `${place}/secret/reader`)).status, 404);
});

test('names with empty parts, and other names that are none, are refused everywhere', async () => {
  const bed = await openBed();
  for (const name of ['%2fa', 'a%2f%2fb', 'a%2f', 'a%2cb', '%20', 'x'.repeat(300)])
    for (const [method, body] of [
      ['POST', { policy: text }],
      ['PATCH', { policy: text }],
      ['GET', undefined],
      ['DELETE', undefined],
    ] as const) {
      const { status } = await bed.root(method, `${place}/${name}`, body);
      assert.ok(status === 400 || status === 404 || status === 405, `${method} ${name} ${status}`);
    }
  const made = await bed.root('POST', 'auth/token/create', { policies: ['a//b'] });
  assert.deepEqual([made.status, /empty part/.test(made.text)], [400, true]);
  assert.deepEqual((await bed.root('LIST', place)).json.data.keys, ['default', 'root']);
});

test('lists are of all, or of those below a prefix, page by page', async () => {
  const bed = await withPolicies('team/a', 'team/b/c', 'teams', 'zoo');
  const keys = async (path: string): Promise<unknown> => (await bed.root('LIST', path)).json?.data.keys;
  for (const at of [place, 'sys/policy', 'sys/policies/detailed/acl']) {
    assert.deepEqual(await keys(at), ['default', 'root', 'team/a', 'team/b/c', 'teams', 'zoo']);
    assert.deepEqual(await keys(`${at}/team`), ['team/a', 'team/b/c']);
    assert.deepEqual(await keys(`${at}/team/b/`), ['team/b/c']);
    assert.deepEqual(await keys(`${at}?limit=2&after=root`), ['team/a', 'team/b/c']);
    assert.deepEqual(await keys(`${at}?limit=-1`), ['default', 'root', 'team/a', 'team/b/c', 'teams', 'zoo']);
    for (const none of ['tea', 'nothing', 'team?after=z'])
      assert.equal((await bed.root('LIST', `${at}/${none}`)).status, 404);
    assert.equal((await bed.root('LIST', `${at}?limit=many`)).status, 400);
  }
  assert.deepEqual((await bed.root('LIST', 'sys/policy/team')).json.policies, ['team/a', 'team/b/c']);
  assert.deepEqual((await bed.root('GET', `${place}/team?list=true`)).json.data.keys, ['team/a', 'team/b/c']);
});

test('the list with texts shows each as its read does', async () => {
  const bed = await withPolicies('team/a', 'zoo');
  const { data } = (await bed.root('LIST', 'sys/policies/detailed/acl')).json;
  assert.deepEqual(data.keys, ['default', 'root', 'team/a', 'zoo']);
  for (const name of data.keys)
    assert.deepEqual(data.key_info[name], (await bed.root('GET', `${place}/${name}`)).json.data);
  assert.deepEqual(data.key_info['zoo'].policy, text);
  const below = (await bed.root('LIST', 'sys/policies/detailed/acl/team')).json.data;
  assert.deepEqual([below.keys, Object.keys(below.key_info)], [['team/a'], ['team/a']]);
  const token = await tokenWith(bed, `path "${place}/*" { capabilities = ["list", "read"] }`);
  assert.equal((await bed.ask('LIST', 'sys/policies/detailed/acl', { token })).status, 403);
});

test('more policies than one answer shows with texts are asked for in pages', async () => {
  const bed = await openBed();
  for (let index = 0; index < 1000; index++)
    await bed.core.policies.put(`p${index}`, { text, cas: undefined, casRequired: undefined });
  const all = await bed.root('LIST', 'sys/policies/detailed/acl');
  assert.deepEqual(
    [all.status, /more than 1000 policies: ask with "limit" and "after"/.test(all.json.errors[0])],
    [400, true],
  );
  assert.equal((await bed.root('LIST', 'sys/policies/detailed/acl?limit=1000')).json.data.keys.length, 1000);
});

test('a patch changes what it names; a write resets what it leaves out', async () => {
  const bed = await withPolicies('app');
  const shown = async () => {
    const { policy, version, cas_required } = (await bed.root('GET', `${place}/app`)).json.data;
    return [policy, version, cas_required];
  };
  assert.equal((await bed.root('PATCH', `${place}/app`, { cas: 1, cas_required: true })).status, 204);
  assert.deepEqual(await shown(), [text, 2, true]);
  const without = await bed.root('PATCH', `${place}/App`, { policy: other });
  assert.deepEqual([without.status, without.json.errors], [400, ['check-and-set parameter required for this call']]);
  assert.equal((await bed.root('PATCH', `${place}/app`, { policy: other, cas: 2 })).status, 204);
  assert.deepEqual(await shown(), [other, 3, true]);
  assert.equal((await bed.root('POST', `${place}/app`, { policy: text, cas: 3 })).status, 204);
  assert.deepEqual(await shown(), [text, 4, false]);
  assert.equal((await bed.root('POST', `${place}/app`, { policy: text })).status, 204);
});

test('patches that cannot be are refused, and change nothing', async () => {
  const bed = await withPolicies('app');
  const asked: readonly (readonly [name: string, body: object, status: number, message: RegExp])[] = [
    ['none', { policy: text }, 404, /a patch changes one that is there/],
    ['root', { policy: text }, 400, /cannot update "root" policy/],
    ['app', { policy: '' }, 400, /'policy' parameter not supplied or empty/],
    ['app', { policy: 'path "a" { capabilities = ["fly"] }' }, 400, /failed to parse policy/],
    ['app', { cas: 7 }, 400, /did not match/],
    ['app', { cas: -1 }, 400, /did not match/],
    ['app', { cas: 'x' }, 400, /"cas"/],
    ['app', { cas_required: true }, 400, /check-and-set parameter required/],
    ['app', { ttl: '1h' }, 400, /ttl is not supported/],
    ['app', { policy: {} }, 400, /"policy"/],
  ];
  for (const [name, body, status, message] of asked) {
    const told = await bed.root('PATCH', `${place}/${name}`, body);
    assert.equal(told.status, status, JSON.stringify(body));
    assert.match(told.json.errors[0], message);
  }
  const { policy, version } = (await bed.root('GET', `${place}/app`)).json.data;
  assert.deepEqual([policy, version], [text, 1]);
  assert.deepEqual((await bed.root('LIST', place)).json.data.keys, ['app', 'default', 'root']);
});

test('minus one makes a policy, and replaces none', async () => {
  const bed = await openBed();
  assert.equal((await bed.root('POST', `${place}/new`, { policy: text, cas: -1, cas_required: true })).status, 204);
  const again = await bed.root('POST', `${place}/new`, { policy: text, cas: -1 });
  assert.deepEqual([again.status, /did not match/.test(again.text)], [400, true]);
  assert.match((await bed.root('POST', `${place}/more`, { policy: text, cas_required: true })).text, /required/);
});

test('of two patches of one version one is refused; both without a version are made', async () => {
  const bed = await withPolicies('app');
  const one = await Promise.all([0, 1].map(() => bed.root('PATCH', `${place}/app`, { policy: other, cas: 1 })));
  assert.equal(one.filter(({ status }) => status === 204).length, 1);
  const both = await Promise.all([text, other].map(policy => bed.root('PATCH', `${place}/app`, { policy })));
  assert.deepEqual(
    both.map(({ status }) => status),
    [204, 204],
  );
  assert.equal((await bed.root('GET', `${place}/app`)).json.data.version, 4);
});

test('a patch takes effect on the next request', async () => {
  const bed = await openBed();
  const token = await tokenWith(bed, 'path "secret/*" { capabilities = ["read"] }');
  assert.equal((await bed.ask('GET', 'secret/data/x', { token })).status, 404);
  const { policies } = (await bed.root('POST', 'auth/token/lookup', { token })).json.data;
  const [name] = (policies as readonly string[]).filter(one => one !== 'default');
  assert.equal((await bed.root('PATCH', `${place}/${name}`, { policy: text })).status, 204);
  assert.equal((await bed.ask('GET', 'secret/data/x', { token })).status, 403);
});

test('a crash while one is patched leaves the old or the new one', async () => {
  for (const [dies, wanted] of [
    ['before', text],
    ['after', other],
  ] as const) {
    const store = openMemoryStore();
    const { storage, state } = dying(store);
    const bed = await openBed({ storage, audit: false });
    await bed.root('POST', `${place}/app`, { policy: text });
    state.dies = dies;
    assert.equal((await bed.root('PATCH', `${place}/app`, { policy: other })).status, 500);
    const again = await openBed({ storage: store, closed: true });
    await again.core.seal.submitKey(bed.unsealKeys[0] ?? '');
    assert.equal((await again.ask('GET', `${place}/app`, { token: bed.rootToken })).json.data.policy, wanted);
  }
});
